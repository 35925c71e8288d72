import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { RenderClient } from './client.ts';

export interface MaintenanceMode {
  readonly enabled: boolean;
  /** Of the page to show; empty for Render's own. */
  readonly uri: string;
}

export interface MaintainedService {
  readonly id: string;
  readonly name: string;
  readonly mode: MaintenanceMode;
}

/** Throws `StepError` for a service that has no such mode: only web services do (https://docs.render.com/maintenance-mode). */
export async function readMaintenance(client: RenderClient, id: string): Promise<MaintainedService> {
  return toMaintained(await client.get(`/services/${encodeURIComponent(id)}`));
}

export function toMaintained(answer: Value | undefined): MaintainedService {
  const json = isValueMap(answer) ? answer : {};
  const { id, name, type } = json;
  if (typeof id !== 'string' || typeof name !== 'string') {
    throw new StepError('Render answered with something that is not a service', { code: 'badAnswer' });
  }
  if (type !== 'web_service') {
    throw new StepError(
      `${name} is a ${typeof type === 'string' ? type : 'thing of no type'}, and only a web service has a maintenance mode`,
      {
        code: 'notSupported',
        hint: 'Suspend it instead, with render.suspend.',
      },
    );
  }
  const details = isValueMap(json['serviceDetails']) ? json['serviceDetails'] : {};
  const mode = isValueMap(details['maintenanceMode']) ? details['maintenanceMode'] : {};
  const uri = mode['uri'];
  return { id, name, mode: { enabled: mode['enabled'] === true, uri: typeof uri === 'string' ? uri : '' } };
}
