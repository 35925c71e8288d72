import { beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { Instance } from '../../../engine/sandbox/render/service.ts';
import { Service } from '../../../engine/sandbox/render/service.ts';
import { renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.compare-services');
const { render, stepWith } = await renderWithService();
let standby: Service;

/** One that waits, with the variables of the one in use. */
function addStandby(options: { commit?: string; environment?: Record<string, string> } = {}): void {
  standby = new Service<Instance>({
    name: 'peakops-api-standby',
    type: 'web_service',
    region: 'virginia',
    suspended: true,
    environment: Object.fromEntries(render.service.environment),
    startCommand: render.service.startCommand,
    start: () => Promise.reject(new Error('it is not started here')),
    ...options,
  });
  render.workspace.addService(standby);
}

const compare = (more: ValueMap = {}) =>
  kind.run(
    { service: { name: standby.name, renderId: standby.id }, like: render.target, ...more },
    stepWith().context,
  );

beforeEach(() => {
  render.service.setVariable('SECRET_KEY', 'the same on both sides');
  addStandby();
});

test('one that was deployed in the same way is the same, in whatever region and however long suspended', async () => {
  expect(await compare()).toEqual({ same: true, differences: [], summary: 'no difference' });
});

describe('a difference is named', () => {
  test('an older commit', async () => {
    addStandby({ commit: '0ld' });
    expect(await compare()).toMatchObject({
      same: false,
      differences: [{ setting: 'deployed', wanted: render.service.commit, found: '0ld' }],
      summary: `deployed: 0ld instead of ${render.service.commit}`,
    });
  });

  test('variables, and none of their values', async () => {
    render.service.setVariable('ADDED', 'value-of-added');
    standby.setVariable('FORGOTTEN', 'value-of-forgotten');
    standby.setVariable('SECRET_KEY', 'value-of-secret-key');
    const output = await compare();
    expect(output['differences']).toEqual([
      { setting: 'variables.ADDED', wanted: 'a value', found: 'not set' },
      { setting: 'variables.FORGOTTEN', wanted: 'not set', found: 'a value' },
      { setting: 'variables.SECRET_KEY', wanted: 'a value', found: 'another value' },
    ]);
    expect(JSON.stringify(output)).not.toMatch(/value-of|the same on both sides/);
  });

  test('what is set at Render', async () => {
    const document = await render.ask(`/services/${standby.id}`);
    render.intercept(({ path }) =>
      path === `/v1/services/${standby.id}`
        ? { status: 200, body: { ...document, branch: 'old' } }
        : undefined,
    );
    expect((await compare())['differences']).toEqual([{ setting: 'branch', wanted: 'main', found: 'old' }]);
  });

  test('but not one that is meant', async () => {
    standby.setVariable('DATABASE_URL', '');
    expect(await compare({ except: ['variables.DATABASE_URL'] })).toMatchObject({ same: true });
  });
});

test('a service that is gone is said', async () => {
  render.workspace.services.delete(standby.id);
  expect(await failureOf(compare())).toMatchObject({ code: '404', changed: 'nothing' });
});

test('says what it would do, and how to do it by hand', () => {
  const args = { service: { name: standby.name, renderId: standby.id }, like: render.target };
  expect(kind.describe(args)).toBe('Hold the service peakops-api-standby at Render against peakops-api');
  expect(kind.byHand?.(args, stepWith().context.environment)?.split('\n')).toHaveLength(4);
});
