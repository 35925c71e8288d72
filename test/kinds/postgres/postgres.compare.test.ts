import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.compare');
let postgres: PostgresRig;
let left: ValueMap;
let right: ValueMap;

const SCHEMA = `
  create type mood as enum ('calm', 'stormy');
  create table users (id bigint generated always as identity primary key, email text unique, at timestamptz default '2025-11-01Z', mood mood);
  create table pairs (a int, b text, value numeric, primary key (a, b));
  create table log (line text);
  create view mails as select email from users;
  create function twice(n int) returns int language sql as 'select n * 2';
  create index by_mood on users (mood);
  insert into users (email, mood) select 'user' || n, 'calm' from generate_series(1, 6000) n;
  insert into pairs select n, 'b' || n, n / 3.0 from generate_series(1, 100) n;
  insert into log select 'line ' || n / 2 from generate_series(1, 10) n;`;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_LEFT_URL'] = postgres.url('a');
  process.env['DRILLBOOK_TEST_RIGHT_URL'] = postgres.url('b');
  const fingerprint = { systemIdentifier: postgres.systemIdentifier };
  left = { name: 'peakops-copy', url: { $ref: 'env', name: 'DRILLBOOK_TEST_LEFT_URL' }, fingerprint };
  right = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_RIGHT_URL' }, fingerprint };
});
afterAll(() => postgres.close());
beforeEach(async () => {
  for (const name of ['a', 'b']) {
    await postgres.sql(`drop database if exists ${name} with (force)`, 'postgres');
    await postgres.sql(`create database ${name} owner peakops_user`, 'postgres');
    const client = new pg.Client({ connectionString: postgres.url(name) });
    await client.connect();
    await client.query(SCHEMA);
    await client.end();
  }
});

const compare = (args: ValueMap = {}, rig: StepRig = stepRig()): Promise<ValueMap> =>
  kind.run({ left, right, ...args }, rig.context);
const inLeft = (text: string): Promise<object[]> => postgres.sql(text, 'a');
const inRight = (text: string): Promise<object[]> => postgres.sql(text, 'b');

describe('checksums', () => {
  test('of equal databases: equal, whatever the order on disk', async () => {
    await inRight(
      'create table t as select * from log order by random(); truncate log; insert into log select * from t; drop table t; cluster users using users_email_key',
    );
    expect(await compare()).toEqual({
      equal: true,
      onlyLeft: 0,
      onlyRight: 0,
      differing: 0,
      tables: ['public.log', 'public.pairs', 'public.users'].map((table, index) => {
        const rows = [10, 100, 6000][index] ?? 0;
        return {
          table,
          left: rows,
          right: rows,
          onlyLeft: 0,
          onlyRight: 0,
          differing: 0,
          examples: [],
          equal: true,
        };
      }),
      differences: [],
    });
  });

  test('rows are told apart by their keys: missing, added, other', async () => {
    await inRight(
      "delete from users where id in (5, 6); insert into users (email) values ('new'); update users set mood = 'stormy' where id = 7; update pairs set value = 0 where a = 9",
    );
    const output = await compare();
    expect(output).toMatchObject({ equal: false, onlyLeft: 2, onlyRight: 1, differing: 2 });
    const tables = output['tables'] as { table: string; examples: { key: object; is: string }[] }[];
    expect(tables[1]?.examples).toEqual([{ key: { a: 9, b: 'b9' }, is: 'differing' }]);
    expect(tables[2]?.examples).toHaveLength(4);
    expect(tables[2]?.examples).toEqual(
      expect.arrayContaining([
        { key: { id: 5 }, is: 'onlyLeft' },
        { key: { id: 6 }, is: 'onlyLeft' },
        { key: { id: 6001 }, is: 'onlyRight' },
        { key: { id: 7 }, is: 'differing' },
      ]),
    );
  });

  test('of a table without a key the whole row is its key, and equal rows are counted', async () => {
    await inRight(
      "delete from log where ctid in (select ctid from log where line = 'line 2' limit 1); insert into log values ('line 3')",
    );
    expect(await compare({ tables: ['log'] })).toMatchObject({ onlyLeft: 1, onlyRight: 1, differing: 0 });
  });

  test('another key, when it is named', async () => {
    await inRight(
      'create table t as select * from users; truncate users restart identity; insert into users (email, mood, at) select email, mood, at from t order by id desc; drop table t',
    );
    expect(await compare({ tables: ['users'] })).toMatchObject({ differing: 6000 });
    expect(await compare({ tables: ['users'], key: { users: ['email'] } })).toMatchObject({
      onlyLeft: 0,
      onlyRight: 0,
      differing: 6000,
    });
    expect(await failureOf(compare({ tables: ['users'], key: { users: ['nothing'] } }))).toMatchObject({
      code: 'noKey',
    });
  });

  test('within the tolerance', async () => {
    await inRight('delete from pairs where a < 3');
    expect(await compare({ tables: ['pairs'], tolerance: 1 })).toMatchObject({ equal: false, onlyLeft: 2 });
    expect(await compare({ tables: ['pairs'], tolerance: 2 })).toMatchObject({ equal: true, onlyLeft: 2 });
  });

  test('a table that is only on one side is a difference, however tolerant', async () => {
    await inRight('drop table pairs');
    const output = await compare({ tolerance: 1000 });
    expect(output).toMatchObject({ equal: false, onlyLeft: 100 });
    expect((output['tables'] as object[])[1]).toMatchObject({
      table: 'public.pairs',
      left: 100,
      right: null,
      equal: false,
    });
    expect(await failureOf(compare({ tables: ['nowhere'] }))).toMatchObject({ code: 'noSuchTable' });
  });
});

test('counts say by how much one side has more, and read no values', async () => {
  await inRight(
    "delete from users where id <= 10; update pairs set value = 0; insert into log values ('one more')",
  );
  const output = await compare({ mode: 'counts' });
  expect(output).toMatchObject({ equal: false, onlyLeft: 10, onlyRight: 1, differing: 0 });
  expect((output['tables'] as object[])[2]).toMatchObject({ table: 'public.users', left: 6000, right: 5990 });
  expect(await compare({ mode: 'counts', tolerance: 10 })).toMatchObject({ equal: true });
});

describe('definitions', () => {
  test('of equal databases are equal', async () => {
    expect(await compare({ mode: 'schema' })).toEqual({
      equal: true,
      onlyLeft: 0,
      onlyRight: 0,
      differing: 0,
      tables: [],
      differences: [],
    });
  });

  test('each difference is named, with both sides', async () => {
    await inRight(`alter table users alter email set not null, add column extra int default 7; drop index by_mood;
      create or replace function twice(n int) returns int language sql as 'select n + n'; create table more (n int);
      create or replace view mails as select email || '' as email from users`);
    await inRight("alter type mood add value 'wild'");
    const output = await compare({ mode: 'schema' });
    const differences = output['differences'] as {
      object: string;
      left: string | null;
      right: string | null;
    }[];
    expect(differences.map(({ object }) => object)).toEqual([
      'column public.more.n',
      'column public.users.email',
      'column public.users.extra',
      'function public.twice(n integer)',
      'index public.by_mood',
      'table public.more',
      'type public.mood',
      'view public.mails',
    ]);
    expect(differences[1]).toEqual({
      object: 'column public.users.email',
      left: 'text default null',
      right: 'text not null default null',
    });
    expect(output).toMatchObject({ equal: false, onlyLeft: 1, onlyRight: 3, differing: 4 });
    expect(await compare({ mode: 'schema', tables: ['users'] })).toMatchObject({
      onlyLeft: 1,
      onlyRight: 1,
      differing: 1,
    });
  });
});

describe('no difference of a definition is quiet', () => {
  const BOTH = `create table kinds (t text, n int, at date) partition by range (at); create table kinds_a partition of kinds for values from (minvalue) to (maxvalue);
    create table base (n int); create table plain (n int, t text); create function noop() returns trigger language plpgsql as 'begin return new; end';
    create trigger touch before update on plain for each row execute function noop(); create policy seen on plain using (true);
    create domain amount as int; create type pair as (a int, b int); create type span as range (subtype = float8)`;

  test.each([
    ['alter table plain set unlogged', 'table public.plain'],
    ['alter table plain inherit base', 'table public.plain'],
    ['alter table plain enable row level security', 'table public.plain'],
    ['alter table plain force row level security', 'table public.plain'],
    ['alter table kinds detach partition kinds_a', 'table public.kinds_a'],
    ['alter table plain alter t type text collate "C"', 'column public.plain.t'],
    ['alter table plain add constraint named check (n > 0) not valid', 'constraint public.plain.named'],
    ['alter table plain disable trigger touch', 'trigger public.plain.touch'],
    ['alter policy seen on plain to pg_monitor', 'policy public.plain.seen'],
    ['alter domain amount set not null', 'type public.amount'],
    ['alter domain amount set default 7', 'type public.amount'],
    ['alter domain amount add check (value > 0)', 'type public.amount'],
    ['alter type pair add attribute c int', 'type public.pair'],
    ['drop type span; create type span as range (subtype = int)', 'type public.span'],
    ['alter sequence ids increment 5', 'sequence public.ids'],
  ])('%s', async (change, object) => {
    for (const side of [inLeft, inRight]) await side(`${BOTH}; create sequence ids`);
    await inRight(change);
    const { differences } = await compare({ mode: 'schema' });
    expect((differences as { object: string }[]).map((found) => found.object)).toEqual([object]);
  });
});

test('an abort ends the work of both servers', async () => {
  const client = new pg.Client({ connectionString: postgres.server.url('a') });
  await client.connect();
  await client.query('begin; lock table users');
  const rig = stepRig();
  const work = compare({ tables: ['users'] }, rig);
  const waiting =
    "select count(*)::int as n from pg_stat_activity where application_name = 'drillbook' and wait_event_type = 'Lock'";
  await expect.poll(() => inLeft(waiting)).toEqual([{ n: 1 }]);
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
  await client.end();
  await expect
    .poll(() =>
      inLeft("select count(*)::int as n from pg_stat_activity where application_name = 'drillbook'"),
    )
    .toEqual([{ n: 0 }]);
});

test('a server that is not the expected one is not read', async () => {
  expect(
    await failureOf(compare({ left: { ...left, fingerprint: { systemIdentifier: '1' } } })),
  ).toMatchObject({ code: 'interlock' });
});

test('says what it does', () => {
  expect(kind.effect({ left, right })).toBe('read');
  expect(kind.describe({ left, right, mode: 'schema' })).toBe(
    'Compare the definitions of peakops-copy and peakops-main',
  );
  expect(kind.targets({ left, right }).map(({ effect }) => effect)).toEqual(['read', 'read']);
});
