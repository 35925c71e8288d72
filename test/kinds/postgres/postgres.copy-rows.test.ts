import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { runAs } from '../../../engine/sandbox/postgres/account.ts';
import { compileChild } from '../../rig/compile-child.ts';
import { needing } from '../../rig/needed-programs.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';
import type { StepOrder } from '../../rig/step-child.ts';

const kind = await kindOf('postgres.copy-rows');

let postgres: PostgresRig;
let folder: string;
let from: ValueMap;
let to: ValueMap;

const SCHEMA = `
  create type mood as enum ('calm', 'stormy');
  create table users (id bigint generated always as identity primary key, email text not null unique, mood mood,
    tags text[] not null default '{}', extra jsonb, shout text generated always as (upper(email)) stored);
  create table docs (id serial primary key, user_id bigint not null references users on delete cascade,
    parent int references docs on delete cascade, body text, at timestamptz not null default '2025-11-01Z');
  create table marks (doc int references docs on delete cascade, name text, primary key (doc, name));
  create table log (line text);`;
const ROWS = `
  insert into users (email, mood, tags, extra) select 'user' || n, 'stormy', array['a,b', '"' || n], jsonb_build_object('n', n)
    from generate_series(1, 100) n;
  insert into docs (user_id, parent, body) select 1 + (n - 1) % 100, nullif(n / 2, 0), 'a "quoted" text, ' || n from generate_series(1, 300) n;
  insert into marks select n, 'mark ' || m from generate_series(1, 300) n, generate_series(1, 2) m;`;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_FROM_URL'] = postgres.url('good');
  process.env['DRILLBOOK_TEST_TO_URL'] = postgres.url('live');
  const fingerprint = { systemIdentifier: postgres.systemIdentifier };
  from = { name: 'peakops-copy', url: { $ref: 'env', name: 'DRILLBOOK_TEST_FROM_URL' }, fingerprint };
  to = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_TO_URL' }, fingerprint };
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  await databases(SCHEMA + ROWS);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Two equal databases, of the role that the steps come as. */
async function databases(text: string): Promise<void> {
  for (const name of ['live', 'good']) {
    await postgres.sql(`drop database if exists ${name} with (force)`, 'postgres');
    await postgres.sql(`create database ${name} owner peakops_user`, 'postgres');
    const client = new pg.Client({ connectionString: postgres.url(name) });
    await client.connect();
    await client.query(text);
    await client.end();
  }
}

const rigIn = (checkpoint?: Json): StepRig => {
  const rig = stepRig(checkpoint === undefined ? {} : { checkpoint });
  return { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } };
};
const copy = (args: ValueMap, rig = rigIn()): Promise<ValueMap> =>
  kind.run({ from, to, ...args }, rig.context);
const live = <T extends object>(text: string): Promise<T[]> => postgres.sql<T>(text, 'live');
const good = <T extends object>(text: string): Promise<T[]> => postgres.sql<T>(text, 'good');
const all = async (sql: (text: string) => Promise<object[]>): Promise<object[][]> =>
  Promise.all(['users', 'docs', 'marks'].map((name) => sql(`select * from ${name} order by 1, 2`)));
const keysOf = async (output: ValueMap): Promise<unknown[]> =>
  (await readFile(output['keys'] as string, 'utf8'))
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown);
const everything = (...names: string[]): ValueMap => ({
  tables: names.map((name) => ({ name, where: 'true' })),
});

describe('rows that were deleted', () => {
  test('come back as they were, children after parents, into the generated columns too', async () => {
    const before = await all(live);
    await live('delete from users where id <= 10');
    const output = await copy(everything('marks', 'docs', 'users'));
    expect(await all(live)).toEqual(before);
    expect(output).toMatchObject({
      preview: false,
      selected: 1000,
      inserted: 10 + 300 + 600 - Number(output['kept']) + 90,
      conflicts: 0,
    });
    expect((output['tables'] as { table: string }[]).map(({ table }) => table)).toEqual([
      'public.users',
      'public.docs',
      'public.marks',
    ]);
    expect(await keysOf(output)).toHaveLength(Number(output['inserted']));
    expect(await keysOf(output)).toContainEqual({ table: 'public.marks', key: { doc: 1, name: 'mark 2' } });
  });

  test('and what went with them by cascade is found by itself', async () => {
    const before = await all(live);
    await live('delete from users where id = 7');
    const gone = await all(live);
    expect(gone[1]?.length).toBeLessThan(before[1]?.length ?? 0);
    const args = { tables: [{ name: 'users', where: 'id = $1', params: [7] }], follow: 'cascade' };
    const preview = await copy({ ...args, preview: true });
    expect(await all(live)).toEqual(gone);
    expect(preview).toMatchObject({ preview: true, kept: 0, conflicts: 0, missingParents: 0, keys: null });
    expect(await copy(args)).toMatchObject({ selected: preview['selected'], inserted: preview['inserted'] });
    expect(await all(live)).toEqual(before);
  });

  test('without it a preview says which parents would be missing, and the copy is refused as a whole', async () => {
    await live('delete from users where id = 7');
    const args = { tables: [{ name: 'docs', where: 'user_id = 7' }] };
    const preview = await copy({ ...args, preview: true });
    expect(preview['missingParents']).toBeGreaterThan(0);
    expect((preview['tables'] as { examples: object[] }[])[0]?.examples[0]).toMatchObject({
      constraint: 'docs_user_id_fkey',
    });
    const error = await failureOf(copy(args));
    expect(error).toMatchObject({ code: '23503', changed: 'nothing' });
    expect(error.message).toContain('is not present in table "users"');
    expect(error.hint).toMatch(/Select the rows that are referred to/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('a table that lost all its rows is filled by a stream', async () => {
    const before = await all(live);
    await live('truncate users, docs, marks');
    const rig = rigIn();
    const output = await copy(everything('users', 'docs', 'marks'), rig);
    expect(await all(live)).toEqual(before);
    expect(output).toMatchObject({ selected: 1000, inserted: 1000, kept: 0 });
    expect(await keysOf(output)).toHaveLength(1000);
  });

  test('sequences go on after them', async () => {
    await live('truncate users, docs, marks restart identity');
    await copy(everything('users', 'docs'));
    expect(await live("insert into users (email) values ('new') returning id::int")).toEqual([{ id: 101 }]);
    expect(await live('insert into docs (user_id) values (1) returning id')).toEqual([{ id: 301 }]);
  });
});

describe('rows that are there', () => {
  test('are kept as they are, and sequences are never moved back', async () => {
    await live(
      "update users set mood = 'calm'; delete from users where id = 100; select setval('users_id_seq', 5000)",
    );
    expect(await copy(everything('users'))).toMatchObject({ selected: 100, inserted: 1, kept: 99 });
    expect(await live('select mood, count(*)::int as n from users group by 1 order by 1')).toEqual([
      { mood: 'calm', n: 99 },
      { mood: 'stormy', n: 1 },
    ]);
    expect(await live("insert into users (email) values ('new') returning id::int")).toEqual([{ id: 5001 }]);
  });

  test('of another key with the same unique value are conflicts, in the preview and in the copy', async () => {
    await live("delete from users where id in (5, 6); insert into users (email) values ('user5')");
    const args = everything('users');
    const conflict = { selected: 100, inserted: 1, kept: 98, conflicts: 1 };
    const preview = await copy({ ...args, preview: true });
    expect(preview).toMatchObject(conflict);
    expect((preview['tables'] as { examples: object[] }[])[0]?.examples).toEqual([
      { key: { id: 5 }, constraint: 'users_email_key' },
    ]);
    const output = await copy(args);
    expect(output).toMatchObject(conflict);
    expect((output['tables'] as { examples: object[] }[])[0]?.examples).toEqual([
      { key: { id: 5 }, constraint: 'users_email_key' },
    ]);
  });

  test('a partial unique index on an expression counts', async () => {
    await live(
      "create unique index one_calm on users (lower(email)) where mood = 'stormy'; delete from users where id = 5; insert into users (email, mood) values ('USER5', 'stormy')",
    );
    expect(await copy({ ...everything('users'), preview: true })).toMatchObject({
      inserted: 0,
      conflicts: 1,
    });
    expect(await copy(everything('users'))).toMatchObject({ inserted: 0, conflicts: 1 });
  });

  test('an empty table with a key that the source does not have takes what fits', async () => {
    // More than waits between two servers: the source is still sending when the target refuses.
    await good(
      "insert into users (email, extra) select 'more' || n, to_jsonb(repeat(md5(n::text), 40)) from generate_series(1, 20000) n",
    );
    await live('truncate users cascade; alter table users add constraint one_mood unique (mood)');
    expect(await copy(everything('users'))).toMatchObject({ inserted: 20001, kept: 0, conflicts: 99 });
  });
});

describe('the selection', () => {
  test('takes values of every type, and comments and texts that look like places', async () => {
    await live('delete from marks; delete from docs');
    const at = Instant.parse('2025-11-01T00:00:00Z') ?? expect.fail('no time');
    const where = `at = $1 and body <> '$2' and body <> $tag$ $3 $tag$ and id <= $2 /* $4 */ and "body" is not null -- $5`;
    expect(await copy({ tables: [{ name: 'public.docs', where, params: [at, 20] }] })).toMatchObject({
      inserted: 20,
    });
  });

  test('with a value too few, or too many, is refused', async () => {
    expect(await failureOf(copy({ tables: [{ name: 'docs', where: 'id = $1' }] }))).toMatchObject({
      code: 'usage',
    });
    expect(await failureOf(copy({ tables: [{ name: 'docs', where: 'true', params: [1] }] }))).toMatchObject({
      code: 'usage',
    });
  });

  test('cannot break out of its place, and cannot write', async () => {
    const hostile = "'; drop table users; --";
    expect(await copy({ tables: [{ name: 'users', where: 'email = $1', params: [hostile] }] })).toMatchObject(
      { selected: 0 },
    );
    expect(
      await failureOf(
        copy({
          tables: [
            {
              name: 'users',
              where: 'true)) to stdout; commit; drop table users; copy (select 1 where (true',
            },
          ],
        }),
      ),
    ).toMatchObject({ code: '42601' });
    expect(
      await failureOf(copy({ tables: [{ name: 'users', where: "nextval('users_id_seq') > 0" }] })),
    ).toMatchObject({ code: '25006' });
    expect(
      await failureOf(copy({ tables: [{ name: 'users', where: 'pg_cancel_backend(id)' }] })),
    ).toMatchObject({ code: 'actsOutside', changed: 'nothing' });
    expect(await good('select count(*)::int as n from users')).toEqual([{ n: 100 }]);
  });

  test('of a table without a key, or that is not there, is refused', async () => {
    expect(await failureOf(copy(everything('log')))).toMatchObject({ code: 'noKey', changed: 'nothing' });
    expect(await failureOf(copy(everything('nothing')))).toMatchObject({ code: 'noSuchTable' });
    await live('drop table marks');
    expect(await failureOf(copy(everything('marks')))).toMatchObject({ code: 'noSuchTable' });
  });
});

test('columns that only the source has are left out, and named', async () => {
  await good("alter table users add column old text default 'x'");
  await live("alter table users add column fresh text default 'y'; delete from users where id = 1");
  const output = await copy(everything('users'));
  expect((output['tables'] as { leftOut: string[] }[])[0]?.leftOut).toEqual(['old']);
  expect(await live('select fresh from users where id = 1')).toEqual([{ fresh: 'y' }]);
});

test('tables that refer to each other in a circle', async () => {
  await databases(`create table a (id int primary key, b int not null);
    create table b (id int primary key, a int not null references a);
    alter table a add constraint a_b foreign key (b) references b deferrable initially deferred;
    begin; insert into a select n, n from generate_series(1, 10) n; insert into b select n, n from generate_series(1, 10) n; commit;
    alter table a alter constraint a_b not deferrable;`);
  await live(
    'alter table a disable trigger all; alter table b disable trigger all; delete from a where id < 4; delete from b where id < 4; alter table a enable trigger all; alter table b enable trigger all',
  );
  expect(await copy(everything('a', 'b'))).toMatchObject({ inserted: 6, kept: 14 });
  expect(await live('select count(*)::int as n from a join b on a.b = b.id and b.a = a.id')).toEqual([
    { n: 10 },
  ]);
});

test('an abort takes everything back', async () => {
  await live('delete from users');
  await live(
    'create function slow() returns trigger language plpgsql as $$begin perform pg_sleep(60); return new; end$$; create trigger slow before insert on docs for each row execute function slow()',
  );
  const rig = rigIn();
  const work = copy(everything('users', 'docs'), rig);
  await expect
    .poll(() => live("select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep'"))
    .toEqual([{ n: 1 }]);
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
  await expect
    .poll(() => live("select count(*)::int as n from pg_stat_activity where wait_event = 'PgSleep'"))
    .toEqual([{ n: 0 }]);
  expect(await live('select count(*)::int as n from users')).toEqual([{ n: 0 }]);
  expect(await readdir(folder)).toEqual([]);
});

describe('after a crash', () => {
  test('a commit that was not told is told, and not done again', async () => {
    await live('delete from marks where doc = 1');
    const rig = rigIn();
    const output = await copy(everything('marks'), rig);
    await live('delete from marks where doc = 1');
    const after = rigIn(rig.checkpoints[0]);
    expect(await kind.reconcile?.({ from, to, ...everything('marks') }, after.context)).toEqual({
      verdict: 'happened',
      output,
    });
    expect(await copy(everything('marks'), after)).toEqual(output);
    expect(await live('select count(*)::int as n from marks where doc = 1')).toEqual([{ n: 0 }]);
  });

  test('a kill -9 in the middle leaves nothing, and the next life puts all in once', async () => {
    await live('delete from users');
    const holder = new pg.Client({ connectionString: postgres.server.url('live') });
    await holder.connect();
    await holder.query('begin; lock table docs');
    const program = await compileChild(
      new URL('../../rig/step-child.ts', import.meta.url),
      join(folder, 'child'),
    );
    const args = { from, to, ...everything('users', 'docs', 'marks') };
    const child = fork(program);
    child.send({ kind: 'postgres.copy-rows', args, environment: {}, folder } satisfies StepOrder);
    const exit = once(child, 'exit');
    // The users are in by then, in its transaction.
    const waiting = "select count(*)::int as n from pg_stat_activity where wait_event_type = 'Lock'";
    await expect.poll(() => live(waiting)).toEqual([{ n: 1 }]);
    child.kill('SIGKILL');
    await exit;
    expect(await live('select count(*)::int as n from users')).toEqual([{ n: 0 }]);
    expect(await kind.reconcile?.(args, rigIn().context)).toEqual({ verdict: 'notHappened' });

    const work = copy(args);
    await holder.end();
    const output = await work;
    expect(output).toMatchObject({ inserted: 1000, kept: 0, conflicts: 0 });
    expect(await keysOf(output)).toHaveLength(1000);
    expect(await all(live)).toEqual(await all(good));
  });

  test('one that never came did not happen', async () => {
    const client = new pg.Client({ connectionString: postgres.url('live') });
    await client.connect();
    await client.query('begin');
    const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
    await client.query('rollback');
    await client.end();
    const aborted = rigIn({ transaction: rows[0]?.id ?? '', output: {} });
    expect(await kind.reconcile?.({ from, to, ...everything('marks') }, aborted.context)).toEqual({
      verdict: 'notHappened',
    });
    expect(await kind.reconcile?.({ from, to, ...everything('marks') }, rigIn().context)).toEqual({
      verdict: 'notHappened',
    });
  });
});

test('another server than the expected one is neither read nor written', async () => {
  const wrong = { fingerprint: { systemIdentifier: '1' } };
  expect(await failureOf(copy({ ...everything('users'), to: { ...to, ...wrong } }))).toMatchObject({
    code: 'interlock',
  });
  expect(await failureOf(copy({ ...everything('users'), from: { ...from, ...wrong } }))).toMatchObject({
    code: 'interlock',
  });
});

test('a full disk: nothing was put in', needing('prlimit'), async () => {
  await live('delete from users');
  await good(
    'insert into users (email) select repeat(md5(n::text), 20) || n from generate_series(1, 6000) n',
  );
  const [row] = await live<{ pid: string }>(
    "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid",
  );
  const limit = (bytes: string): Promise<unknown> =>
    promisify(execFile)(
      'prlimit',
      ['--pid', row?.pid ?? '', `--fsize=${bytes}:`],
      runAs(postgres.server.installation.account),
    );
  await limit('2100000');
  const error = await failureOf(copy(everything('users'))).finally(() => limit('unlimited'));
  expect(error).toMatchObject({ code: '53100', changed: 'nothing' });
  expect(error.hint).toMatch(/disk is full/);
  expect(await live('select count(*)::int as n from users')).toEqual([{ n: 0 }]);
});

test('a full disk under its file of keys: nothing was put in', async () => {
  await live('delete from users');
  const keys = join(folder, 'theStep.keys.jsonl');
  await symlink('/dev/full', keys);
  const error = await failureOf(copy(everything('users', 'docs', 'marks')));
  expect(error).toMatchObject({ code: 'diskFull', changed: 'nothing' });
  expect(error.message).toBe(`the disk is full on which ${keys} was being written; nothing was put in`);
  expect(await live('select count(*)::int as n from users')).toEqual([{ n: 0 }]);
  expect(await readdir(folder)).toEqual([]);
});

test('says what it does', () => {
  const args = { from, to, tables: [{ name: 'users', where: 'id = $1', params: [1] }] };
  expect(kind.effect(args)).toBe('write');
  expect(kind.effect({ ...args, preview: true })).toBe('read');
  expect(kind.describe(args)).toBe('Copy the missing rows of users from peakops-copy into peakops-main');
  expect(kind.describe({ ...args, preview: true })).toBe(
    'Count what it would take to copy the missing rows of users from peakops-copy into peakops-main',
  );
  expect(kind.targets(args).map(({ effect }) => effect)).toEqual(['read', 'write']);
});
