import { expect, test } from 'vitest';
import { databaseAt, renderWithDatabase } from '../../rig/render.ts';
import { kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.compare-postgres');
const { render, rig, stepWith } = await renderWithDatabase();
const other = databaseAt(render);

const compare = (more: object = {}) =>
  kind.run({ database: other.target, like: rig.target, ...more }, stepWith().context);

test('two that were set in the same way do not differ', async () => {
  expect(await compare()).toEqual({
    same: true,
    differences: [],
    summary: 'no difference',
    openToAll: false,
  });
});

test('what differs is named, each with both values, and in one line for a gate', async () => {
  rig.database.change({
    diskSizeGB: 40,
    highAvailability: true,
    readReplicas: [{ id: 'dpg-1', name: 'reports', parameterOverrides: { work_mem: '64MB' } }],
    parameters: { log_min_duration_statement: '250' },
  });
  other.database.change({ allowList: [{ cidrBlock: '0.0.0.0/0', description: 'everywhere' }] });
  const output = await compare({ except: ['diskSizeGB'] });
  expect(output).toMatchObject({
    same: false,
    openToAll: true,
    differences: [
      {
        setting: 'ipAllowList',
        wanted: '127.0.0.1/32 (this machine)',
        found: '0.0.0.0/0 (everywhere)',
      },
      { setting: 'highAvailabilityEnabled', wanted: 'true', found: 'false' },
      {
        setting: 'parameterOverrides',
        wanted: 'log_min_duration_statement=250',
        found: 'log_min_duration_statement=500',
      },
      { setting: 'readReplicas', wanted: 'reports (work_mem=64MB)', found: 'none' },
    ],
  });
  expect(output['summary']).toContain('highAvailabilityEnabled: false instead of true; ');
});

test('the id of a replica is no difference: no two have the same', async () => {
  const replica = { name: 'reports' };
  rig.database.change({ readReplicas: [{ id: 'dpg-1', ...replica }] });
  other.database.change({ readReplicas: [{ id: 'dpg-2', ...replica }] });
  expect((await compare())['summary']).not.toContain('readReplicas');
});

test('says what it would do, and how to do it by hand', () => {
  const args = { database: other.target, like: rig.target };
  expect(kind.describe(args)).toBe('Hold the settings of peakops-main at Render against peakops-main');
  expect(kind.byHand?.(args, stepWith().context.environment)).toMatch(/^diff <\(curl .*\) <\(curl .*\)$/);
});
