import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { Database } from '../../../engine/sandbox/render/database.ts';
import { refusal, renderWithDatabase } from '../../rig/render.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, realClock, stepRig } from '../../rig/step.ts';
import { query } from '../../rig/postgres.ts';

const kind = await kindOf('render.create-postgres');
const remove = await kindOf('render.delete-postgres');
const { render, rig, stepWith } = await renderWithDatabase();

const NAME = 'drillbook-20251101-1200-abcd-thestep';
const orders = () => render.requests.filter((request) => request === 'POST /postgres').length;

test('makes one like another, in another region, and waits until it can be used; then it is deleted', async () => {
  const args = {
    like: rig.target,
    region: 'virginia',
    databaseName: 'peakops',
    user: 'ops',
    allow: ['203.0.113.7'],
  };
  const step = stepWith();
  const output = await kind.run(args, step.context);
  expect(output).toMatchObject({
    name: NAME,
    region: 'virginia',
    plan: 'basic_1gb',
    database: { $ref: 'render.postgres', name: NAME, created: 'theStep', region: 'virginia' },
  });
  const made = render.workspace.databases.get(output['id'] as string);
  expect(made?.settings.allowList).toEqual([{ cidrBlock: '203.0.113.7/32', description: 'drillbook' }]);
  expect(await query(made?.url ?? '', 'select current_database() as name, current_user as me')).toEqual([
    { name: 'peakops', me: 'ops' },
  ]);

  const before = orders();
  expect(await kind.reconcile?.(args, stepWith().context)).toEqual({ verdict: 'reattach' });
  expect(await kind.run(args, stepWith().context)).toMatchObject({ id: output['id'] ?? null });
  expect(await kind.run(args, stepWith(step.checkpoints[0]).context)).toMatchObject({
    id: output['id'] ?? null,
  });
  expect(orders()).toBe(before);

  const gone = stepWith();
  expect(await remove.run({ database: output['database'] ?? null }, gone.context)).toEqual({
    database: { id: output['id'], name: NAME },
    deleted: true,
    alreadyGone: false,
  });
  expect(
    await remove.reconcile?.({ database: output['database'] ?? null }, stepWith(gone.checkpoints[0]).context),
  ).toMatchObject({
    verdict: 'happened',
    output: { alreadyGone: false },
  });
  expect(await kind.reconcile?.(args, stepWith().context)).toEqual({ verdict: 'notHappened' });
});

describe('its settings', () => {
  const LIVE = {
    allowList: [{ cidrBlock: '198.51.100.0/24', description: 'the office' }],
    environmentId: 'evm-1',
    diskSizeGB: 40,
    diskAutoscaling: true,
    highAvailability: true,
    connectionPool: 'pgbouncer',
    parameters: { log_min_duration_statement: '250' },
  };
  /** It really waits between two looks: Render answers so many a minute. */
  const patient = (): StepRig => stepRig({ environment: { render: render.settings }, clock: realClock });
  const remade = async (args: ValueMap): Promise<{ made: Database; output: ValueMap }> => {
    const output = await kind.run(args, patient().context);
    const made = render.workspace.databases.get(output['id'] as string) ?? expect.fail('not made');
    render.workspace.databases.delete(made.id);
    await made.delete();
    return { made, output };
  };

  test('all of the other one’s that Render lets one set, but for its ids', async () => {
    const replicas = [{ id: 'dpg-1', name: 'reports', parameterOverrides: { work_mem: '64MB' } }];
    rig.database.change({ ...LIVE, readReplicas: replicas });
    const { made, output } = await remade({ like: rig.target });
    const { databaseName, role, readReplicas, ...settings } = made.settings;
    expect({ databaseName, role }).toEqual({ databaseName: 'peakops', role: 'peakops_user' });
    expect(settings).toMatchObject(LIVE);
    expect(readReplicas).toMatchObject([{ name: 'reports', parameterOverrides: { work_mem: '64MB' } }]);
    expect(readReplicas[0]?.id).not.toBe('dpg-1');
    expect(output['differences']).toEqual([]);
  });

  test('for a copy that does not stay, without those that are billed beside it', async () => {
    const replicas = [{ id: 'dpg-1', name: 'reports' }];
    rig.database.change({ ...LIVE, readReplicas: replicas });
    const { made, output } = await remade({ like: rig.target, standbys: false });
    expect(made.settings).toMatchObject({ ...LIVE, highAvailability: false, readReplicas: [] });
    expect(output['differences']).toEqual([]);
    rig.database.change({ ...LIVE, readReplicas: [] });
  });

  test('what is given counts before that', async () => {
    rig.database.change({ ...LIVE, readReplicas: [] });
    const { made, output } = await remade({ like: rig.target, diskSizeGB: 80, allow: [] });
    expect(made.settings).toMatchObject({ ...LIVE, diskSizeGB: 80, allowList: [] });
    expect(output['differences']).toEqual([]);
  });

  test('without another one, and without a word on who may come in, nobody may from outside', async () => {
    const [version = ''] = render.workspace.postgresVersions;
    const { made } = await remade({ plan: 'basic_1gb', version });
    expect(made.settings.allowList).toEqual([]);
  });

  test('a Datadog key is given to Render with the order, and shown nowhere', async () => {
    process.env['DRILLBOOK_TEST_DATADOG_KEY'] = 'dd-secret';
    let order: unknown;
    render.intercept(({ method, path, body }) => {
      if (method === 'POST' && path === '/v1/postgres') order = body;
      return undefined;
    });
    const datadog = { apiKey: { $ref: 'env', name: 'DRILLBOOK_TEST_DATADOG_KEY' }, site: 'EU' };
    const { output } = await remade({ like: rig.target, datadog });
    render.intercept(() => undefined);
    expect(order).toMatchObject({ datadogAPIKey: 'dd-secret', datadogSite: 'EU' });
    expect(JSON.stringify(output)).not.toContain('dd-secret');
  });
});

describe('what went wrong is said', () => {
  test('nothing that says what to make', async () => {
    const before = orders();
    const error = await failureOf(kind.run({ plan: 'basic_1gb' }, stepWith().context));
    expect(error).toMatchObject({ code: 'usage', changed: 'nothing' });
    expect(orders()).toBe(before);
  });

  test('what Render does not have', async () => {
    const error = await failureOf(kind.run({ plan: 'basic_1gb', version: '11' }, stepWith().context));
    expect(error).toMatchObject({ code: '400', changed: 'nothing' });
  });

  test('an order that was answered with an error: whether it was taken is open, and it is found by its name', async () => {
    let lost = true;
    render.intercept((request) => {
      if (request.method !== 'POST' || !lost) return undefined;
      lost = false;
      return refusal(503, 'try later');
    });
    const error = await failureOf(kind.run({ like: rig.target }, stepWith().context));
    expect(error).toMatchObject({ code: '503', changed: 'maybe' });
    render.intercept(() => undefined);
  });

  test('one that Render fails to make', async () => {
    const id = rig.database.id;
    const document = await render.ask(`/postgres/${id}`);
    render.intercept(() => ({ status: 200, body: { ...document, status: 'unavailable' } }));
    const error = await failureOf(kind.run({ like: rig.target }, stepWith({ id }).context));
    expect(error).toMatchObject({ code: 'unavailable', changed: 'something' });
    render.intercept(() => undefined);
  });
});

test('says what it would do', () => {
  expect(kind.describe({ like: rig.target, region: 'ohio' })).toBe(
    'Make a new, empty database with all settings of peakops-main in ohio, which is billed',
  );
  expect(kind.targets({ like: rig.target })).toMatchObject([{ effect: 'read', by: 'provider' }]);
});
