import { beforeEach, expect } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import { customDomain } from '../../engine/sandbox/render/custom-domain.ts';
import type { Instance } from '../../engine/sandbox/render/service.ts';
import { Service } from '../../engine/sandbox/render/service.ts';
import { renderWithService } from './render.ts';

export const DOMAIN = 'app.example.com';

/** The service in use, which has a custom domain, and one that waits for it; the record of the domain is a test's to change. */
export async function renderWithDomain() {
  const { render, stepWith } = await renderWithService();
  const stage = { record: '', standby: undefined as Service | undefined };
  const standby = (): Service => stage.standby ?? expect.fail('there is no standby yet');
  beforeEach(() => {
    stage.standby = new Service<Instance>({
      name: 'peakops-api-standby',
      type: 'web_service',
      environment: {},
      startCommand: 'gunicorn peakops.wsgi',
      suspended: true,
      start: () => Promise.reject(new Error('it is not started here')),
    });
    stage.standby.url = 'http://127.0.0.1/standby';
    stage.record = render.service.url;
    render.workspace.addService(stage.standby);
    render.workspace.leads.set(DOMAIN, () => stage.record);
    render.service.domains.set(DOMAIN, customDomain(DOMAIN, true));
  });
  const live = (): { service: ValueMap; name: string } => ({ service: render.target, name: DOMAIN });
  const waiting = (): { service: ValueMap; name: string } => ({
    service: { name: standby().name, renderId: standby().id },
    name: DOMAIN,
  });
  return { render, stage, standby, live, waiting, stepWith };
}
