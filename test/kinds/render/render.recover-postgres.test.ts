import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Duration } from '../../../engine/base/duration.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { query } from '../../rig/postgres.ts';
import { refusal, RENDER_KEY_VARIABLE, renderWithDatabase } from '../../rig/render.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, realClock, stepRig } from '../../rig/step.ts';

const kind = await kindOf('render.recover-postgres');
const { render, rig: main } = await renderWithDatabase();
/** After the one row was written, and before it was taken away. */
let good: Instant;

beforeAll(async () => {
  await query(main.database.url, 'create table rows (n int); insert into rows values (1)');
  const [now] = await query<{ at: string }>(
    main.database.url,
    'select to_char(clock_timestamp() at time zone \'utc\', \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\') as at',
  );
  good = Instant.parse(now?.at ?? '') ?? expect.fail('no time');
  await query(main.database.url, 'delete from rows');
});
beforeEach(() => {
  (render.requests as string[]).length = 0;
});
afterEach(() => render.intercept(() => undefined));

const recovery = { targetableAfter: new Duration(3_000_000), realTargetableAfter: new Duration(600_000_000) };
const rigWith = (checkpoint?: Json, settings: ValueMap = { recovery }): StepRig =>
  stepRig({
    environment: { render: { ...render.settings, ...settings } },
    clock: realClock,
    ...(checkpoint !== undefined && { checkpoint }),
  });
const args = (at: Instant | string = good): ValueMap => ({ database: main.target, at });
const orders = (): number => render.requests.filter((request) => request.startsWith('POST')).length;
const minutesAgo = (minutes: number): Instant => Instant.fromMillis(Date.now() - minutes * 60_000);

test('waits until the moment can be targeted, then recovers to it in a new database', async () => {
  const rig = rigWith();
  const output = await kind.run(args(), rig.context);
  const [, copy] = [...render.workspace.databases.values()];
  const name = `drillbook-20251101-1200-abcd-thestep-${good.toString().replaceAll(/\D/g, '')}`;
  expect(output).toEqual({
    database: { $ref: 'render.postgres', id: copy?.id, name, created: 'theStep', region: 'oregon' },
    id: copy?.id,
    name,
    target: good,
    differences: [],
  });
  expect(copy?.settings).toEqual({ ...main.database.settings, name });
  expect(await query(copy?.url ?? '', 'select n from rows')).toEqual([{ n: 1 }]);
  expect(await query(main.database.url, 'select n from rows')).toEqual([]);
  // The wait that the real Render would demand is told beside the one that was.
  expect(rig.activities[0]).toMatchObject({
    class: 'external',
    modelledBy: 'render.recovery.realTargetableAfter',
  });
  expect(rig.activities[0]?.modelledMs).toBeGreaterThan(500_000);
  expect(rig.activities.every((activity) => activity.class !== 'retry')).toBe(true);
  expect(rig.checkpoints).toEqual([{ id: copy?.id, from: main.database.id, at: good.toString() }]);
});

describe('after a crash, with the recovery of the test before', () => {
  const copyOf = (): { id: string } => [...render.workspace.databases.values()][1] ?? expect.fail('no copy');

  test('with its id known it is watched again', async () => {
    const checkpoint = { id: copyOf().id, from: main.database.id, at: good.toString() };
    expect(await kind.reconcile?.(args(), rigWith(checkpoint).context)).toEqual({ verdict: 'reattach' });
    expect(await kind.run(args(), rigWith(checkpoint).context)).toMatchObject({ id: copyOf().id });
    expect(orders()).toBe(0);
  });

  test('with the answer lost it is found by its name', async () => {
    expect(await kind.reconcile?.(args(), rigWith().context)).toEqual({ verdict: 'reattach' });
    expect(await kind.run(args(), rigWith().context)).toMatchObject({ id: copyOf().id });
    expect(orders()).toBe(0);
  });

  test('another moment is another recovery', async () => {
    const checkpoint = { id: copyOf().id, from: main.database.id, at: good.toString() };
    const later = new Instant(good.epochMicros + 1);
    expect(await kind.reconcile?.(args(later), rigWith(checkpoint).context)).toEqual({
      verdict: 'notHappened',
    });
  });

  test('one that has failed is not taken up again', async () => {
    const document = await render.ask(`/postgres/${copyOf().id}`);
    render.intercept(({ path }) =>
      path === `/v1/postgres/${copyOf().id}`
        ? { status: 200, body: { ...document, status: 'recovery_failed' } }
        : undefined,
    );
    const checkpoint = { id: copyOf().id, from: main.database.id, at: good.toString() };
    expect(await kind.reconcile?.(args(), rigWith(checkpoint).context)).toEqual({ verdict: 'notHappened' });
  });
});

test('a setting that Render refuses to the copy is told, and the rest is carried over', async () => {
  main.database.change({ highAvailability: true, connectionPool: 'pgbouncer' });
  render.intercept(({ method, body }) =>
    method === 'PATCH' && JSON.stringify(body).includes('enableHighAvailability')
      ? refusal(400, 'this plan has no high availability')
      : undefined,
  );
  const copy = [...render.workspace.databases.values()][1] ?? expect.fail('no copy');
  const rig = rigWith({ id: copy.id, from: main.database.id, at: good.toString() });
  const output = await kind.run(args(), rig.context);
  expect(output['differences']).toEqual([
    { setting: 'highAvailabilityEnabled', wanted: 'true', found: 'false' },
  ]);
  expect(copy.settings).toMatchObject({ connectionPool: 'pgbouncer', highAvailability: false });
  expect(rig.logs.join()).toMatch(/highAvailabilityEnabled stays as it is: .*no high availability/);
});

test('what stands by is not carried over to a copy that does not stay', async () => {
  main.database.change({
    highAvailability: true,
    connectionPool: 'pgbouncer',
    readReplicas: [{ id: 'dpg-1', name: 'r' }],
  });
  const copy = [...render.workspace.databases.values()][1] ?? expect.fail('no copy');
  const rig = rigWith({ id: copy.id, from: main.database.id, at: good.toString() });
  const output = await kind.run({ ...args(), standbys: false }, rig.context);
  expect(output['differences']).toEqual([]);
  expect(copy.settings).toMatchObject({
    connectionPool: 'pgbouncer',
    highAvailability: false,
    readReplicas: [],
  });
});

describe('a moment that cannot be recovered is refused before anything is asked for', () => {
  test('before the window', async () => {
    const error = await failureOf(kind.run(args(minutesAgo(60 * 24 * 30)), rigWith().context));
    expect(error).toMatchObject({ code: 'outsideWindow', changed: 'nothing' });
    expect(error.details['startsAt']).toEqual(main.database.startsAt);
    expect(orders()).toBe(0);
  });

  test('in the future', async () => {
    const error = await failureOf(kind.run(args(minutesAgo(-5)), rigWith().context));
    expect(error).toMatchObject({ code: 'inFuture', changed: 'nothing' });
    expect(orders()).toBe(0);
  });

  test('where there is no backup yet', async () => {
    render.intercept(({ method, path }) =>
      method === 'GET' && path.endsWith('/recovery')
        ? { status: 200, body: { recoveryStatus: 'BACKUP_NOT_READY' } }
        : undefined,
    );
    const error = await failureOf(kind.run(args(new Instant(good.epochMicros + 7)), rigWith().context));
    expect(error).toMatchObject({ code: 'BACKUP_NOT_READY', retryable: true });
  });
});

test('where the environment shortens nothing, no wait is modelled', async () => {
  const rig = rigWith(undefined, {});
  const work = kind.run(args(new Instant(Date.now() * 1000)), rig.context);
  await expect.poll(() => rig.activities.length).toBe(1);
  expect(rig.activities[0]).toEqual({
    class: 'external',
    reason: 'Render recovers to moments that are 10m 00s old or older',
  });
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
  expect(orders()).toBe(0);
});

test('an order that Render refuses is told with its reason', async () => {
  render.intercept(({ method }) => (method === 'POST' ? refusal(400, 'plan must not be lower') : undefined));
  const later = new Instant(good.epochMicros + 3);
  const error = await failureOf(kind.run({ ...args(later), plan: 'free' }, rigWith().context));
  expect(error).toMatchObject({ code: '400', changed: 'nothing' });
  expect(error.message).toContain('plan must not be lower');
});

test('says what it would do, and how to do it by hand', () => {
  const at = Instant.parse('2025-11-01T12:00:00Z');
  const moment = { database: main.target, at: at ?? '', plan: 'pro_4gb' };
  expect(kind.effect(moment)).toBe('write');
  expect(kind.describe(moment)).toBe(
    'Recover peakops-main to 2025-11-01T12:00:00.000Z, into a new database that is billed',
  );
  expect(kind.byHand?.(moment, rigWith().context.environment)).toBe(
    `curl -fsS -X POST -H "Authorization: Bearer $${RENDER_KEY_VARIABLE}" -H 'Content-Type: application/json' -d '{"restoreTime":"2025-11-01T12:00:00.000Z","plan":"pro_4gb"}' ${render.api}/postgres/${main.database.id}/recovery`,
  );
  expect(kind.targets(moment)).toEqual([
    { group: 'databases', path: 'databases.main', target: main.target, effect: 'write', by: 'provider' },
  ]);
});
