// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../../engine/base/json.ts';
import type { ValueMap } from '../../../../engine/base/value.ts';
import { findClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import type { PostgresRig } from '../../../rig/postgres.ts';
import { startPostgres } from '../../../rig/postgres.ts';
import type { StepRig } from '../../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../../rig/step.ts';

const run = promisify(execFile);
const kind = await kindOf('postgres.restore');

/** Everything that a load of rows can stumble over, in an order of names that is not the order of the keys. */
const SCHEMA = `
  create table users (id bigint generated always as identity primary key, email text unique, at timestamptz,
    shout text generated always as (upper(email)) stored, chief bigint references users);
  create table docs (id serial primary key, user_id bigint not null references users on delete cascade, body text);
  create table eggs (id int primary key, hen int);
  create table hens (id int primary key, egg int references eggs);
  alter table eggs add constraint laid foreign key (hen) references hens;
  create table events (at date not null, doc int references docs, what text) partition by range (at);
  create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
  create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
  create table audit (line text);
  create function noted() returns trigger language plpgsql as
    $$begin new.at = now(); insert into audit values (new.email); return new; end$$;
  create trigger stamp before insert on users for each row execute function noted();
  create trigger always_stamp before insert on users for each row execute function noted();
  alter table users enable always trigger always_stamp;
  create trigger off before insert on users for each row execute function noted();
  alter table users disable trigger off;`;
const ROWS = `
  alter table users disable trigger user;
  insert into users (email, at, chief) select 'user' || n, '2025-01-01Z', case when n < 49 then n + 1 end from generate_series(1, 50) n;
  delete from users where id = 50;
  insert into docs (user_id, body) select 1 + n % 40, 'text ' || n from generate_series(1, 100) n;
  insert into hens values (1, null); insert into eggs values (1, 1); update hens set egg = 1;
  insert into events select '2025-06-01'::date + n * 10, n + 1, 'event ' || n from generate_series(1, 40) n;`;

let tools: Awaited<ReturnType<typeof findClientTools>>;
let postgres: PostgresRig;
let folder: string;
let target: ValueMap;

beforeAll(async () => {
  tools = await findClientTools(15, 'the test');
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_ROWS_URL'] = postgres.server.url('target');
  target = {
    name: 'live',
    url: { $ref: 'env', name: 'DRILLBOOK_TEST_ROWS_URL' },
    fingerprint: { systemIdentifier: postgres.systemIdentifier },
  };
  await postgres.sql('create database source', 'postgres');
  await postgres.sql(SCHEMA, 'source');
  await postgres.sql(ROWS, 'source');
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  await run(tools.dump, ['-Fc', '-f', join(folder, 'source.dump'), postgres.server.url('source')]);
  await postgres.sql('create database target', 'postgres');
  await inTarget(SCHEMA);
});
afterEach(async () => {
  await postgres.sql('drop database target with (force)', 'postgres');
  await rm(folder, { recursive: true, force: true });
});

const inTarget = <T extends object>(text: string): Promise<T[]> => postgres.sql<T>(text, 'target');
const rigWith = (checkpoint?: Json): StepRig => {
  const rig = stepRig(checkpoint === undefined ? {} : { checkpoint });
  return { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } };
};
const ALL = ['docs', 'eggs', 'events', 'hens', 'users'];
const rows = (args: ValueMap = {}, rig = rigWith()): Promise<ValueMap> =>
  kind.run(
    { from: join(folder, 'source.dump'), to: target, data: 'only', tables: ALL, ...args },
    rig.context,
  );
/** All rows of both, and how their triggers and keys are. */
async function stateOf(database: string): Promise<unknown> {
  const contents = [...ALL, 'audit'].map(async (table) =>
    postgres.sql(`select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`, database),
  );
  return Promise.all([
    ...contents,
    postgres.sql(
      `select tgrelid::regclass::text as table, tgname, tgenabled from pg_trigger where not tgisinternal order by 1, 2`,
      database,
    ),
    postgres.sql(
      'select conname, condeferrable, condeferred, convalidated from pg_constraint order by 1',
      database,
    ),
  ]);
}

describe('into tables without rows', () => {
  test('the rows are those of the dump; no trigger fired, and triggers and keys are as they were', async () => {
    const before = await stateOf('source');
    const inOrder = await inTarget<{ state: unknown }>(
      'select tgname, tgenabled from pg_trigger where not tgisinternal order by tgname',
    );
    expect(await rows()).toMatchObject({ tables: ALL.map((table) => `public.${table}`), kept: null });
    const after = await stateOf('target');
    // The source's triggers were switched off for its rows.
    expect((after as unknown[]).slice(0, 6)).toEqual((before as unknown[]).slice(0, 6));
    expect(
      await inTarget('select tgname, tgenabled from pg_trigger where not tgisinternal order by tgname'),
    ).toEqual(inOrder);
    expect((after as unknown[])[7]).toEqual((before as unknown[])[7]);
  });

  test('sequences go on where those of the dump would, and never back', async () => {
    await inTarget("select setval('docs_id_seq', 5000)");
    await rows();
    const next = "select nextval('users_id_seq')::int as user, nextval('docs_id_seq')::int as doc";
    expect(await inTarget(next)).toEqual([{ user: 51, doc: 5001 }]);
  });

  test('rows that are there, in whichever table, are refused, and nothing is changed', async () => {
    await inTarget("insert into events values ('2026-02-02', null, 'mine')");
    expect(await failureOf(rows())).toMatchObject({
      code: 'notEmpty',
      changed: 'nothing',
      message: expect.stringContaining('public.events') as string,
    });
    expect(await inTarget('select what from events')).toEqual([{ what: 'mine' }]);
    expect(await inTarget('select from users')).toEqual([]);
  });

  test('a row that breaks a key takes all of them back', async () => {
    expect(await failureOf(rows({ tables: ['docs'] }))).toMatchObject({
      changed: 'nothing',
      message: expect.stringContaining('docs_user_id_fkey') as string,
    });
    expect(await inTarget('select from docs')).toEqual([]);
    expect(await inTarget("select from pg_trigger where tgenabled = 'D' and tgname <> 'off'")).toEqual([]);
  });

  test('a partition alone, and a partitioned table with its partitions', async () => {
    await rows({ tables: ['users', 'docs'] });
    await rows({ tables: ['events_2026'] });
    const years = 'select distinct extract(year from at)::int as year from events order by 1';
    expect(await inTarget(years)).toEqual([{ year: 2026 }]);
    await rows({ tables: ['events'], into: 'replace what is there' });
    expect(await inTarget(years)).toEqual([{ year: 2025 }, { year: 2026 }]);
  });

  test('a table that is not there, or not in the dump, is named', async () => {
    await inTarget('drop table hens cascade; create table more (n int)');
    expect(await failureOf(rows())).toMatchObject({
      code: 'noSuchTable',
      message: expect.stringContaining('public.hens') as string,
    });
    expect(await failureOf(rows({ tables: ['more'] }))).toMatchObject({ code: 'noSuchTable' });
    expect(await failureOf(rows({ tables: [] }))).toMatchObject({ code: 'usage' });
  });
});

describe('in place of rows that are there', () => {
  test('those of the dump take their place', async () => {
    await inTarget(ROWS.replaceAll("user' ||", "other' ||"));
    await rows({ into: 'replace what is there' });
    expect(((await stateOf('target')) as unknown[]).slice(0, 6)).toEqual(
      ((await stateOf('source')) as unknown[]).slice(0, 6),
    );
  });

  test('not where rows of other tables refer to them: those would go with them', async () => {
    await rows();
    expect(await failureOf(rows({ tables: ['users'], into: 'replace what is there' }))).toMatchObject({
      code: '2BP01',
      message: expect.stringContaining('public.docs') as string,
      changed: 'nothing',
    });
    expect(await inTarget('select count(*)::int as n from docs')).toEqual([{ n: 100 }]);
  });

  test('tables that inherit from them keep theirs', async () => {
    await inTarget(
      "create table side (extra int) inherits (docs); insert into users (email) values ('x'); insert into side values (1, 1, 'side', 7)",
    );
    await rows({ tables: ['docs', 'users', 'events'], into: 'replace what is there' });
    expect(await inTarget('select body from side')).toEqual([{ body: 'side' }]);
  });
});

test('others may read meanwhile, and writers wait', async () => {
  const writer = new pg.Client({ connectionString: postgres.server.url('target') });
  await writer.connect();
  await writer.query("begin; insert into users (email) values ('first')");
  const work = failureOf(rows());
  const waiting = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'";
  await expect.poll(() => inTarget(waiting)).toEqual([{ n: 1 }]);
  expect(await inTarget('select from users')).toEqual([]);
  await writer.query('commit');
  await writer.end();
  // What was committed before the lock is seen, so nothing is mixed up.
  expect(await work).toMatchObject({ code: 'notEmpty' });
});

test('a life that ended about its commit is asked for by its transaction', async () => {
  const rig = rigWith();
  await rows({}, rig);
  const before = rig.checkpoints.find((saved) => JSON.stringify(saved).includes('transaction'));
  const again = rigWith(before);
  expect(await kind.reconcile?.({ from: 'x', to: target }, again.context)).toEqual({ verdict: 'reattach' });
  expect(await rows({}, again)).toMatchObject({ tables: ALL.map((table) => `public.${table}`) });
  expect(await inTarget('select count(*)::int as n from docs')).toEqual([{ n: 100 }]);
  expect(await kind.reconcile?.({ from: 'x', to: target }, rigWith().context)).toEqual({
    verdict: 'notHappened',
  });
});

test('says what it does', () => {
  const args = { from: 'a.dump', to: target, data: 'only', tables: ['users', 'docs'] };
  expect(kind.effect(args)).toBe('write');
  expect(kind.describe(args)).toBe(
    'Restore the rows of users, docs from a.dump into the empty tables in live',
  );
  expect(kind.effect({ ...args, into: 'replace what is there' })).toBe('destructive');
  expect(kind.byHand?.(args, stepRig().context.environment)).toBe(
    'pg_restore --dbname="$DRILLBOOK_TEST_ROWS_URL" --data-only --single-transaction --table=users --table=docs a.dump',
  );
});
