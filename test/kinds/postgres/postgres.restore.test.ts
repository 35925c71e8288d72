// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { ClientTools } from '../../../engine/kinds/postgres/client/client-tools.ts';
import { findClientTools } from '../../../engine/kinds/postgres/client/client-tools.ts';
import { runAs } from '../../../engine/sandbox/postgres/account.ts';
import { compileChild } from '../../rig/compile-child.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';
import type { StepOrder } from '../../rig/step-child.ts';

const run = promisify(execFile);

const kind = await kindOf('postgres.restore');

let tools: ClientTools;
let postgres: PostgresRig;
let folder: string;
/** Made once; each test has a copy, since some spoil it. */
let original: string;
let dump: string;
let target: ValueMap;
let asSuperuser: ValueMap;

const SCHEMA = `
  create extension pgcrypto;
  create type mood as enum ('calm', 'stormy');
  create table users (id bigint generated always as identity primary key, email text unique, mood mood,
    shout text generated always as (upper(email)) stored);
  create table docs (id serial primary key, user_id bigint not null references users on delete cascade, body text);
  create index docs_by_user on docs (user_id);
  create view mails as select email from users;
  create function touch() returns trigger language plpgsql as $$begin return new; end$$;
  create trigger touched before insert on docs for each row execute function touch();
  create schema audit; create table audit."log book" (at timestamptz, line text);
  insert into users (email, mood) select 'user' || n, 'calm' from generate_series(1, 200) n;
  insert into docs (user_id, body) select 1 + n % 200, repeat('x', 100) from generate_series(1, 1000) n;
  grant select on users to reader;
  alter table docs owner to writer;`;

beforeAll(async () => {
  tools = await findClientTools(15, 'the test');
  postgres = await startPostgres();
  await postgres.sql(
    'create role reader; create role writer; create role "Other Reader"; create role other_writer',
  );
  await postgres.sql('create database source owner peakops_user', 'postgres');
  await postgres.sql(SCHEMA, 'source');
  original = join(postgres.server.folder, 'source.dump');
  await run(tools.dump, ['-Fc', '-f', original, postgres.server.url('source')]);
  process.env['DRILLBOOK_TEST_RESTORE_URL'] = postgres.url('target');
  process.env['DRILLBOOK_TEST_RESTORE_SUPERUSER_URL'] = postgres.server.url('target');
  const entry = { name: 'peakops-new', fingerprint: { systemIdentifier: postgres.systemIdentifier } };
  target = { ...entry, url: { $ref: 'env', name: 'DRILLBOOK_TEST_RESTORE_URL' } };
  asSuperuser = { ...entry, url: { $ref: 'env', name: 'DRILLBOOK_TEST_RESTORE_SUPERUSER_URL' } };
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  dump = join(folder, 'source.dump');
  await copyFile(original, dump);
  await postgres.sql('drop database if exists target with (force)', 'postgres');
  await postgres.sql('create database target owner peakops_user', 'postgres');
});
afterEach(async () => {
  delete process.env['PG_BINDIR'];
  await rm(folder, { recursive: true, force: true });
});

const rigIn = (checkpoint?: Json): StepRig => {
  const rig = stepRig(checkpoint === undefined ? {} : { checkpoint });
  return { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } };
};
const restore = (args: ValueMap = {}, rig = rigIn()): Promise<ValueMap> =>
  kind.run({ from: dump, to: target, noOwner: true, ...args }, rig.context);
const inTarget = <T extends object>(text: string): Promise<T[]> => postgres.sql<T>(text, 'target');
const counts = (): Promise<object[]> =>
  inTarget('select (select count(*)::int from users) as users, (select count(*)::int from docs) as docs');
const WHOLE = [{ users: 200, docs: 1000 }];
const markers = (): Promise<object[]> =>
  inTarget("select nspname from pg_namespace where nspname = 'drillbook_restore'");

/** Tuning is worth it from a size on, and this dump is small: a hole in a file of its folder counts. */
async function largeDump(): Promise<string> {
  const large = join(folder, 'large');
  await run(tools.dump, ['-Fd', '-f', large, postgres.server.url('source')]);
  await run('truncate', ['--size=100M', join(large, 'padding')]);
  return large;
}
const settings = (): Promise<object[]> =>
  postgres.sql("select name, setting from pg_file_settings where sourcefile like '%auto.conf' order by name");
const TUNED = [
  { name: 'checkpoint_timeout', setting: '30min' },
  { name: 'max_wal_size', setting: '4GB' },
];

/** Keeps whoever makes a trigger waiting: a restore stands still then, with the rows loaded. */
async function heldLock(): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: postgres.server.url('target') });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin; lock table pg_trigger in share mode');
  return () => client.end();
}

const SESSIONS =
  "select count(*)::int as n from pg_stat_activity where application_name like 'drillbook-2025%'";
const sessions = async (): Promise<number> => (await postgres.sql<{ n: number }>(SESSIONS))[0]?.n ?? -1;
const waiting = async (): Promise<number> =>
  (await postgres.sql<{ n: number }>(`${SESSIONS} and wait_event_type = 'Lock'`))[0]?.n ?? -1;

describe('into an empty database', () => {
  test('everything is there, with statistics, and no mark is left', async () => {
    const output = await restore();
    expect(output).toMatchObject({
      from: dump,
      tables: ['audit.log book', 'public.docs', 'public.users'],
      dumpedFrom: expect.stringMatching(/^\d+\./) as string,
    });
    expect(await counts()).toEqual(WHOLE);
    const owners =
      "select distinct tableowner::text as owner from pg_tables where schemaname in ('public', 'audit')";
    expect(await inTarget(owners)).toEqual([{ owner: 'peakops_user' }]);
    expect(await inTarget("select reltuples::int as rows from pg_class where relname = 'docs'")).toEqual([
      { rows: 1000 },
    ]);
    expect(await inTarget("insert into users (email) values ('new') returning id::int")).toEqual([
      { id: 201 },
    ]);
    expect(await markers()).toEqual([]);
  });

  test('by one job, and with large objects', async () => {
    await restore({ jobs: 1 });
    expect(await counts()).toEqual(WHOLE);
    await postgres.sql("select lo_from_bytea(4711, 'large')", 'source');
    await run(tools.dump, ['-Fc', '-f', dump, postgres.server.url('source')]);
    await postgres.sql('select lo_unlink(4711)', 'source');
    await restore({ jobs: 3, into: 'replace what is there' });
    expect(await counts()).toEqual(WHOLE);
    expect(await inTarget("select convert_from(lo_get(4711), 'utf8') as text")).toEqual([{ text: 'large' }]);
    await restore({ into: 'replace what is there' });
  });

  test('rows of every kind, with more jobs than tables', async () => {
    await postgres.sql(
      `create table odd (id int primary key, text text, bytes bytea);
       insert into odd select n, repeat(E'back\\\\slash \\n \\\\. \\t' || n, n % 50), decode(repeat('5c2e0a', n % 9), 'hex') from generate_series(1, 30000) n;
       insert into odd values (0, '\\.', null), (-1, E'\\n\\\\.\\n', ''), (-2, repeat('wide', 500000), null)`,
      'source',
    );
    await run(tools.dump, ['-Fc', '-f', dump, postgres.server.url('source')]);
    const sum = 'select count(*)::int as rows, md5(string_agg(o::text, $$|$$ order by id)) as sum from odd o';
    const expected = await postgres.sql(sum, 'source');
    await postgres.sql('drop table odd', 'source');
    await restore({ jobs: 3 });
    expect(await inTarget(sum)).toEqual(expected);
  });

  test('sessions get memory for indexes, and do not wait for the disk at each commit', async () => {
    await postgres.sql(
      `create materialized view settings_then as
         select current_setting('synchronous_commit') as commit,
           pg_size_bytes(current_setting('maintenance_work_mem'))::bigint as memory`,
      'source',
    );
    try {
      await run(tools.dump, ['-Fc', '-f', dump, postgres.server.url('source')]);
    } finally {
      await postgres.sql('drop materialized view settings_then', 'source');
    }
    await restore({ jobs: 1 });
    const [buffers] = await postgres.sql<{ bytes: string }>(
      "select pg_size_bytes(current_setting('shared_buffers')) as bytes",
    );
    expect(await inTarget('select * from settings_then')).toEqual([
      { commit: 'off', memory: String(Math.max(64 * 1024 * 1024, Number(buffers?.bytes))) },
    ]);
  });

  test('tells meanwhile by how much the database has grown', async () => {
    const release = await heldLock();
    const rig = rigIn();
    const told: [number, number | undefined, string][] = [];
    const context = {
      ...rig.context,
      progress: (...said: [number, number | undefined, string]) => told.push(said),
    };
    const work = restore({}, { ...rig, context });
    await expect.poll(waiting).toBeGreaterThan(0);
    const before = told.length;
    await expect.poll(() => told.length).toBeGreaterThan(before + 1);
    await release();
    await work;
    const [bytes, total, unit] = told.at(-1) ?? [];
    expect(bytes).toBeGreaterThan(100_000);
    expect([total, unit]).toEqual([undefined, 'bytes']);
  });

  test('roles are mapped, and the grants with them', async () => {
    await restore({
      to: asSuperuser,
      noOwner: false,
      roles: { writer: 'other_writer', reader: 'Other Reader' },
    });
    expect(
      await inTarget("select tableowner::text as owner from pg_tables where tablename = 'docs'"),
    ).toEqual([{ owner: 'other_writer' }]);
    expect(
      await inTarget(`select has_table_privilege('Other Reader', 'users', 'select') as yes,
        has_table_privilege('reader', 'users', 'select') as no`),
    ).toEqual([{ yes: true, no: false }]);
  });

  test('a role that is missing is told before anything is changed', async () => {
    const error = await failureOf(
      restore({ to: asSuperuser, noOwner: false, roles: { writer: 'nobody_here' } }),
    );
    expect(error).toMatchObject({
      code: 'rolesMissing',
      changed: 'nothing',
      details: { missing: ['nobody_here'] },
    });
    expect(await markers()).toEqual([]);
  });

  test('the settings of a server are changed for a large restore by a superuser, and taken back', async () => {
    const large = await largeDump();
    await postgres.sql("alter system set max_wal_size = '2GB'");
    const before = await settings();
    const release = await heldLock();
    const work = restore({ from: large, to: asSuperuser });
    await expect.poll(waiting).toBeGreaterThan(0);
    expect(await settings()).toEqual(TUNED);
    await release();
    await work;
    expect(await settings()).toEqual(before);
    await postgres.sql('alter system reset max_wal_size');
  });

  test('one table, with what belongs to it', async () => {
    expect(await restore({ tables: ['users'] })).toMatchObject({ tables: ['public.users'] });
    expect(await inTarget('select count(*)::int as n from users')).toEqual([{ n: 200 }]);
    expect(
      await inTarget("select indexname::text as name from pg_indexes where schemaname = 'public' order by 1"),
    ).toEqual([{ name: 'users_email_key' }, { name: 'users_pkey' }]);
    expect(await inTarget("insert into users (email) values ('new') returning id::int")).toEqual([
      { id: 201 },
    ]);
  });
});

test('one table out of a dump of that table: a foreign key to a table that the dump lacks is left out', async () => {
  await postgres.sql('create table notes (id int primary key, doc_user int references users)', 'source');
  await postgres.sql('alter table notes owner to peakops_user', 'source');
  try {
    await run(tools.dump, ['-Fc', '-t', 'notes', '-f', dump, postgres.server.url('source')]);
    await restore({ tables: ['notes'] });
    expect(
      await inTarget("select conname::text as name from pg_constraint where conname like 'notes%'"),
    ).toEqual([{ name: 'notes_pkey' }]);
  } finally {
    await postgres.sql('drop table notes', 'source');
  }
});

describe('a database that is not empty', () => {
  beforeEach(() => inTarget('create table precious (n int); alter table precious owner to peakops_user'));

  test('is refused, and nothing is changed', async () => {
    const error = await failureOf(restore());
    expect(error).toMatchObject({ code: 'notEmpty', changed: 'nothing' });
    expect(error.message).toContain('table public.precious');
    expect(await markers()).toEqual([]);
  });

  test('is emptied first when that is said in so many words', async () => {
    await restore({ into: 'replace what is there' });
    expect(await counts()).toEqual(WHOLE);
    expect(await inTarget("select to_regclass('precious') as gone")).toEqual([{ gone: null }]);
    await restore({ into: 'replace what is there' });
    expect(await counts()).toEqual(WHOLE);
  });

  test('takes a table that it does not have', async () => {
    await inTarget("create type mood as enum ('calm', 'stormy'); alter type mood owner to peakops_user");
    await restore({ tables: ['users'] });
    expect(await inTarget('select count(*)::int as n from users')).toEqual([{ n: 200 }]);
    expect(await failureOf(restore({ tables: ['users'] }))).toMatchObject({ code: 'notEmpty' });
    await inTarget('delete from users');
    await restore({ tables: ['users'], into: 'replace what is there' });
    expect(await inTarget('select count(*)::int as n from users')).toEqual([{ n: 200 }]);
  });

  test('with the unfinished restore of somebody else is refused', async () => {
    await inTarget(
      `create schema drillbook_restore; comment on schema drillbook_restore is '{"by":"other/step","tables":[],"settings":{}}'`,
    );
    expect(await failureOf(restore({ into: 'replace what is there' }))).toMatchObject({
      code: 'restoreUnfinished',
    });
    expect(await inTarget('select count(*)::int as n from precious')).toEqual([{ n: 0 }]);
  });
});

describe('a dump', () => {
  test('that was damaged is refused by its checksum', async () => {
    await writeFile(`${dump}.sha256`, `${'0'.repeat(64)}  source.dump\n`);
    expect(await failureOf(restore())).toMatchObject({ code: 'checksum', changed: 'nothing' });
  });

  test('that is cut off fails in the middle, and says what is left', async () => {
    const whole = await readFile(dump);
    await writeFile(dump, whole.subarray(0, whole.length - 3000));
    const error = await failureOf(restore());
    expect(error).toMatchObject({ code: 'damagedDump', changed: 'something' });
    expect(error.hint).toMatch(/Another try drops that part/);
    await writeFile(dump, whole);
    // Another try of the same step begins again.
    await restore();
    expect(await counts()).toEqual(WHOLE);
  });

  test('of plain SQL, or of something else, or that is not there', async () => {
    await writeFile(dump, '--\n-- PostgreSQL database dump\n--\n');
    expect(await failureOf(restore())).toMatchObject({ code: 'notADump' });
    await writeFile(dump, 'hello');
    expect(await failureOf(restore())).toMatchObject({ code: 'notADump' });
    expect(await failureOf(restore({ from: 'nowhere' }))).toMatchObject({ code: 'noSuchDump' });
  });

  test('that needs an extension which the server does not have', async () => {
    const other = (await readFile(dump)).toString('latin1').replaceAll('pgcrypto', 'pgcryptx');
    await writeFile(dump, other, 'latin1');
    const error = await failureOf(restore());
    expect(error).toMatchObject({ code: 'extensionMissing', changed: 'nothing' });
    expect(error.message).toMatch(/extension "pgcryptx" is not available/);
    expect(error.hint).toMatch(/^Install the extension on the server that is restored to/);
  });

  test('that has no such table', async () => {
    expect(await failureOf(restore({ tables: ['nothing'] }))).toMatchObject({
      code: 'noSuchTable',
      changed: 'nothing',
    });
  });

  test('in directory format that was renamed still matches its checksums', async () => {
    const { stdout } = await run('bash', [
      '-c',
      `cd ${folder} && ${tools.dump} -Fd -f first ${postgres.server.url('source')} && sha256sum first/* && mv first second`,
    ]);
    await writeFile(join(folder, 'second.sha256'), stdout);
    await restore({ from: 'second' });
    expect(await counts()).toEqual(WHOLE);
    await appendFile(join(folder, 'second', 'toc.dat'), 'x');
    expect(await failureOf(restore({ from: 'second', into: 'replace what is there' }))).toMatchObject({
      code: 'checksum',
    });
  });
});

test('a full disk of the server: said so, and the next try begins again', async () => {
  await postgres.sql(
    "create table big as select md5(n::text) || md5(n::text || 'x') as x from generate_series(1, 60000) n",
    'source',
  );
  await run(tools.dump, ['-Fc', '-f', dump, postgres.server.url('source')]);
  await postgres.sql('drop table big', 'source');
  const [row] = await postgres.sql<{ pid: string }>(
    "select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid",
  );
  const limit = (bytes: string): Promise<unknown> =>
    run(
      'prlimit',
      ['--pid', row?.pid ?? '', `--fsize=${bytes}:`],
      runAs(postgres.server.installation.account),
    );
  // A file that cannot grow beyond the middle of a page is, for PostgreSQL, a disk that is full.
  await limit('2100000');
  const error = await failureOf(restore()).finally(() => limit('unlimited'));
  expect(error).toMatchObject({ code: '53100', changed: 'something' });
  await restore();
  expect(await counts()).toEqual(WHOLE);
});

test('an abort ends pg_restore and its sessions', async () => {
  const release = await heldLock();
  const rig = rigIn();
  const work = restore({}, rig);
  await expect.poll(waiting).toBeGreaterThan(0);
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
  await expect.poll(sessions).toBe(0);
  await release();
  expect(await kind.reconcile?.({ from: dump, to: target }, rigIn().context)).toEqual({
    verdict: 'reattach',
  });
  await restore();
  expect(await counts()).toEqual(WHOLE);
});

/** A life of the step that is killed when it has loaded the rows. */
async function killedLife(args: ValueMap): Promise<void> {
  const program = await compileChild(
    new URL('../../rig/step-child.ts', import.meta.url),
    join(folder, 'child'),
  );
  const child = fork(program);
  const order = { kind: 'postgres.restore', args: { ...args, noOwner: true }, environment: {}, folder };
  child.send(order satisfies StepOrder);
  const exit = once(child, 'exit');
  await expect.poll(waiting).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await exit;
}

test("after a kill -9, the next life takes the server's settings back as they were at first", async () => {
  const args = { from: await largeDump(), to: asSuperuser };
  const before = await settings();
  const release = await heldLock();
  await killedLife(args);
  expect(await settings()).toEqual(TUNED);
  await release();
  await restore(args);
  expect(await settings()).toEqual(before);
  expect(await counts()).toEqual(WHOLE);
});

test('after a kill -9 in the middle, what is half done is dropped and it begins again', async () => {
  const release = await heldLock();
  await killedLife({ from: dump, to: target });
  expect(await counts()).toEqual(WHOLE);
  expect(await kind.reconcile?.({ from: dump, to: target }, rigIn().context)).toEqual({
    verdict: 'reattach',
  });
  // Its pg_restore may still be at it, or be ending because nobody listens any more.
  await release();
  await restore();
  expect(await counts()).toEqual(WHOLE);
  expect(await markers()).toEqual([]);
});

test('sessions that outlived a former life are ended first', async () => {
  const left = new pg.Client({
    connectionString: postgres.url('target'),
    application_name: 'drillbook-20251101-1200-abcd-thestep',
  });
  left.on('error', () => undefined);
  const ended = new Promise((resolve) => left.once('end', resolve));
  await left.connect();
  await left.query('create table half (n int)');
  await left.query('create schema drillbook_restore');
  const mark = { by: '20251101-1200-abcd/theStep', tables: [], settings: {} };
  await left.query(`comment on schema drillbook_restore is '${JSON.stringify(mark)}'`);
  await left.query('begin; lock table half');
  const rig = rigIn();
  await restore({}, rig);
  await ended;
  expect(rig.logs).toContain('a former life of this step is still restoring: its sessions are ended');
  expect(await counts()).toEqual(WHOLE);
  expect(await inTarget("select to_regclass('half') as gone")).toEqual([{ gone: null }]);
});

test('what was finished but not told is told after a crash, and not done again', async () => {
  const rig = rigIn();
  const output = await restore({}, rig);
  const after = rigIn(rig.checkpoints.at(-1));
  expect(await kind.reconcile?.({ from: dump, to: target }, after.context)).toEqual({
    verdict: 'happened',
    output,
  });
  expect(await restore({}, after)).toEqual(output);
  expect(await kind.reconcile?.({ from: dump, to: target }, rigIn().context)).toEqual({
    verdict: 'notHappened',
  });
});

test('says what it does', () => {
  const environment = stepRig().context.environment;
  const args = { from: 'main.dump', to: target };
  expect(kind.effect(args)).toBe('write');
  expect(kind.describe(args)).toBe('Restore main.dump into the empty database peakops-new');
  expect(kind.byHand?.(args, environment)).toBe(
    'pg_restore --dbname="$DRILLBOOK_TEST_RESTORE_URL" --jobs=2 --exit-on-error main.dump',
  );
  const replacing = { ...args, into: 'replace what is there' };
  expect(kind.effect(replacing)).toBe('destructive');
  expect(kind.describe(replacing)).toBe('Restore main.dump in place of what is in peakops-new');
});
