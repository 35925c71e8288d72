import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Duration } from '../../../engine/base/duration.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { environmentWith, failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.inspect');
const at = (text: string): Instant => Instant.parse(text) ?? new Instant(0);
let postgres: PostgresRig;
let main: ValueMap;
/** Of a role that may not do everything. */
let asOwner: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_INSPECT_URL'] = postgres.server.url('peakops');
  main = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_INSPECT_URL' } };
  process.env['DRILLBOOK_TEST_OWNER_URL'] = postgres.url();
  asOwner = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_OWNER_URL' } };
  await postgres.sql('create table users (id uuid primary key, email text)');
  await postgres.sql("insert into users values ('00000000-0000-0000-0000-000000000001', 'one@example.com')");
  await postgres.sql('create table inspections (id int, created_at timestamptz)');
  await postgres.sql(
    "insert into inspections values (1, '2026-03-01 10:00:00.123456Z'), (2, '2026-03-01 09:00:00Z'), (3, null)",
  );
  await postgres.sql('create table nothing (at timestamptz)');
  await postgres.sql('create schema billing');
  await postgres.sql('create table billing."Sales Orders" ("Made ""on" date, local timestamp)');
  await postgres.sql(`insert into billing."Sales Orders" values ('2026-03-02', '2026-03-02 08:00')`);
});
afterAll(() => postgres.close());

const run = (args: ValueMap): Promise<ValueMap> => kind.run({ database: main, ...args }, stepRig().context);

const stateOf = async (table: string, time?: string): Promise<unknown> => {
  const { tables } = await run({ tables: { [table]: { ...(time !== undefined && { time }) } } });
  return (tables as readonly ValueMap[])[0]?.['state'];
};

test('tables that are there and hold rows, and the newest of their times', async () => {
  const output = await run({ tables: { users: {}, inspections: { time: 'created_at' } } });
  expect(output).toMatchObject({
    sound: true,
    trouble: '',
    tables: [
      { table: 'inspections', state: 'fine', rows: 3, newest: at('2026-03-01T10:00:00.123456Z') },
      { table: 'users', state: 'fine', rows: 1, newest: null },
    ],
    heartbeat: null,
    newest: at('2026-03-01T10:00:00.123456Z'),
    newestIn: 'inspections.created_at',
  });
  expect(output['clock']).toBeInstanceOf(Instant);
});

test('what is missing, empty or has no such time is an answer, each by its name', async () => {
  const output = await run({
    tables: {
      videos: { time: 'at' },
      nothing: { time: 'at' },
      inspections: { time: 'id' },
      users: { time: 'at' },
    },
  });
  expect(output).toMatchObject({
    sound: false,
    trouble:
      'inspections has no column id that holds a time; nothing is empty; users has no column at that holds a time; there is no table videos',
    newest: null,
    newestIn: null,
  });
  expect((output['tables'] as readonly ValueMap[]).map(({ state }) => state)).toEqual([
    'noTime',
    'empty',
    'noTime',
    'missing',
  ]);
});

test.each([
  ['Made "on', '2026-03-02T00:00:00Z'],
  ['local', '2026-03-02T08:00:00Z'],
])('names are quoted, and a time without a zone (%s) is one of UTC', async (time, newest) => {
  const output = await run({ tables: { 'billing.Sales Orders': { time } } });
  expect(output).toMatchObject({ sound: true, newest: at(newest), newestIn: `billing.Sales Orders.${time}` });
});

test.each(['users; drop table users', 'users"; drop table users; --', '', 'public.', 'USERS'])(
  'a name is never more than a name: %j',
  async (name) => {
    expect(await stateOf(name)).toBe('missing');
    expect(await stateOf('users')).toBe('fine');
  },
);

test('a partitioned table counts with its parts; a view is no table', async () => {
  await postgres.sql('create table parted (n int) partition by list (n)');
  await postgres.sql('create table part_one partition of parted for values in (1)');
  expect(await stateOf('parted')).toBe('empty');
  await postgres.sql('insert into parted values (1)');
  expect(await stateOf('parted')).toBe('fine');
  await postgres.sql('create view seen as select * from parted');
  expect(await stateOf('seen')).toBe('missing');
});

test('what is dated later than now, or at no moment, was not written then', async () => {
  await postgres.sql('create table planned (at timestamptz)');
  await postgres.sql(
    "insert into planned values ('2026-03-03Z'), (now() + interval '1 year'), ('infinity'), ('-infinity')",
  );
  for (const read of [true, false]) {
    expect(await run({ tables: { planned: { time: 'at' } }, read })).toMatchObject({
      sound: true,
      newest: at('2026-03-03T00:00:00Z'),
    });
  }
});

test('without reading, rows are not counted', async () => {
  const output = await run({ tables: { inspections: { time: 'created_at' }, nothing: {} }, read: false });
  expect(output['tables']).toMatchObject([
    { table: 'inspections', state: 'fine', rows: null, newest: at('2026-03-01T10:00:00.123456Z') },
    { table: 'nothing', state: 'empty', rows: null },
  ]);
});

test('a heartbeat is newer than the rows of a quiet night', async () => {
  await postgres.sql('create table heartbeats (at timestamptz)');
  await postgres.sql("insert into heartbeats values (now() - interval '1 minute')");
  const asked = (within?: Duration): Promise<ValueMap> =>
    run({
      tables: { inspections: { time: 'created_at' } },
      heartbeat: { table: 'heartbeats', time: 'at', ...(within !== undefined && { within }) },
    });
  expect(await asked()).toMatchObject({ sound: true, newestIn: 'heartbeats.at', heartbeat: { alive: null } });
  expect((await asked(new Duration(3_600_000_000)))['heartbeat']).toMatchObject({ alive: true });
  expect((await asked(new Duration(1_000_000)))['heartbeat']).toMatchObject({ alive: false, state: 'fine' });
});

test('a heartbeat that is not there hides no row', async () => {
  expect(
    await run({
      tables: { inspections: { time: 'created_at' } },
      heartbeat: { table: 'pulse', time: 'at', within: new Duration(1) },
    }),
  ).toMatchObject({
    sound: true,
    newestIn: 'inspections.created_at',
    heartbeat: { table: 'pulse', state: 'missing', newest: null, alive: false },
  });
});

test('of what was written by a moment, the newest', async () => {
  const tables = { inspections: { time: 'created_at' } };
  const before = at('2026-03-01T09:30:00Z');
  expect(await run({ tables, before, heartbeat: null })).toMatchObject({
    sound: true,
    newest: at('2026-03-01T09:00:00Z'),
    heartbeat: null,
  });
  expect(await run({ tables, before: at('2025-01-01T00:00:00Z') })).toMatchObject({
    sound: true,
    newest: null,
  });
  expect(await run({ tables, before: null })).toMatchObject({ newest: at('2026-03-01T10:00:00.123456Z') });
});

test('a heartbeat alone is looked at, and nothing at all is a mistake', async () => {
  expect(await run({ heartbeat: { table: 'nothing', time: 'at' } })).toMatchObject({
    tables: [],
    newest: null,
    heartbeat: { state: 'empty' },
  });
  expect(await failureOf(run({}))).toMatchObject({ code: 'usage' });
});

test('a page that cannot be read is told with its table, and the others are still looked at', async () => {
  await postgres.sql('create table spoiled (n int, filling text)');
  await postgres.sql("insert into spoiled select n, repeat('x', 1000) from generate_series(1, 100) n");
  const [found] = await postgres.sql<{ file: string }>("select pg_relation_filepath('spoiled') as file");
  // A running server would go on reading the page from its memory.
  await postgres.server.stop();
  const file = await open(join(postgres.server.data, found?.file ?? ''), 'r+');
  await file.write(Buffer.alloc(64, 0xff), 0, 64, 8192);
  await file.close();
  await postgres.server.start();
  const output = await run({ tables: { spoiled: {}, users: {} } });
  expect(output['sound']).toBe(false);
  expect(output['trouble']).toMatch(/^spoiled cannot be read to the last row: invalid page in block 1/);
  expect(output['tables']).toMatchObject([{ state: 'damaged', rows: null }, { state: 'fine' }]);
});

test('a role that may not read is told so, and not that the table is damaged', async () => {
  expect(await failureOf(run({ database: asOwner, tables: { users: {} } }))).toMatchObject({ code: '42501' });
});

test('nothing can be written on the way, not even by what is asked of a row', async () => {
  await postgres.sql('create table touched (n int)');
  await postgres.sql(
    'create function touch() returns boolean language plpgsql as $$ begin insert into touched values (1); return true; end $$',
  );
  await postgres.sql('create table guarded (n int); insert into guarded values (1)');
  await postgres.sql(
    'create policy looks on guarded using (touch()); alter table guarded enable row level security',
  );
  await postgres.sql('grant select on guarded to peakops_user; grant insert on touched to peakops_user');
  expect(await failureOf(run({ database: asOwner, tables: { guarded: {} } }))).toMatchObject({
    code: '25006',
  });
  expect(await postgres.sql('select * from touched')).toEqual([]);
});

test('says what it does, and how a person would', () => {
  const args = {
    database: main,
    tables: { users: {}, inspections: {} },
    heartbeat: { table: 'pulse', time: 'at' },
  };
  expect(kind.effect(args)).toBe('read');
  expect(kind.describe(args)).toBe('Look at users, inspections and pulse of peakops-main');
  expect(kind.byHand?.(args, environmentWith({}))).toContain(
    'select count(length(r::text)) from "inspections" r;',
  );
});
