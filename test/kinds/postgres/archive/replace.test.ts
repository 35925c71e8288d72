// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../../engine/base/json.ts';
import type { ValueMap } from '../../../../engine/base/value.ts';
import type { ClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import { findClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import { openDatabase } from '../../../../engine/kinds/postgres/client/connection.ts';
import { dropInBatches, inventoryOf } from '../../../../engine/kinds/postgres/archive/inventory.ts';
import { compileChild } from '../../../rig/compile-child.ts';
import { Dice } from '../../../rig/mutation.ts';
import type { PostgresRig } from '../../../rig/postgres.ts';
import { startPostgres } from '../../../rig/postgres.ts';
import { SEED } from '../../../rig/seed.ts';
import type { StepRig } from '../../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../../rig/step.ts';
import type { StepNews, StepOrder } from '../../../rig/step-child.ts';
import { EVERY_KIND } from './every-kind.ts';

const run = promisify(execFile);
const restoreKind = await kindOf('postgres.restore');
const dropKept = await kindOf('postgres.drop-kept');

const KEPT = 'drillbook-20251101-1200-abcd-thestep-old';
const FRESH = 'drillbook-20251101-1200-abcd-thestep-new';
const SMALL = `create table users (id int primary key, email text);
  insert into users select n, 'user' || n from generate_series(1, 500) n;
  create view mails as select email from users;
  create function f() returns int language sql as 'select 1';`;
const OLD = `create table precious as select generate_series(1, 100) as n; create view most as select n from precious`;

let tools: ClientTools;
let postgres: PostgresRig;
/** A life of a step, and the folder that it lies in. */
let program: string;
let programFolder: string;
let folder: string;
let target: ValueMap;
/** A role that owns the target and may make databases, or not. */
let asOwner: ValueMap;

beforeAll(async () => {
  tools = await findClientTools(15, 'the test');
  programFolder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  program = await compileChild(new URL('../../../rig/step-child.ts', import.meta.url), programFolder);
  postgres = await startPostgres();
  await postgres.server.stop();
  // Replication slots are one of the reasons to stay in the database.
  await postgres.server.start({ wal_level: 'logical' });
  await postgres.sql('create role reader; create role writer', 'postgres');
  process.env['DRILLBOOK_TEST_REPLACE_URL'] = postgres.server.url('target');
  process.env['DRILLBOOK_TEST_REPLACE_OWNER_URL'] = postgres.url('target');
  const entry = { name: 'live', fingerprint: { systemIdentifier: postgres.systemIdentifier } };
  target = { ...entry, url: { $ref: 'env', name: 'DRILLBOOK_TEST_REPLACE_URL' } };
  asOwner = { ...entry, url: { $ref: 'env', name: 'DRILLBOOK_TEST_REPLACE_OWNER_URL' } };
});
afterAll(async () => {
  await postgres.close();
  await rm(programFolder, { recursive: true });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  for (const database of ['source', 'target']) {
    await postgres.sql(`create database ${database} owner peakops_user`, 'postgres');
  }
});
afterEach(async () => {
  await postgres.sql('alter role peakops_user nocreatedb');
  for (const database of ['source', 'target', KEPT, FRESH]) await drop(database);
  await rm(folder, { recursive: true, force: true });
});

async function drop(database: string): Promise<void> {
  const there = await postgres.sql(`select from pg_database where datname = '${database}'`);
  if (there.length === 0) return;
  const subscriptions = await postgres.sql<{ name: string }>(
    `select subname as name from pg_subscription s join pg_database d on d.oid = subdbid where datname = '${database}'`,
  );
  for (const { name } of subscriptions) {
    await postgres.sql(`alter subscription ${name} set (slot_name = none)`, database);
    await postgres.sql(`drop subscription ${name}`, database);
  }
  await postgres.sql(
    `select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '${database}'`,
    'postgres',
  );
  await postgres.sql(`drop database "${database}" with (force)`, 'postgres');
}

const dumpFile = (): string => join(folder, 'source.dump');
const dumpSource = (): Promise<unknown> =>
  run(tools.dump, ['-Fc', '-f', dumpFile(), postgres.server.url('source')]);
const rigWith = (checkpoint?: Json): StepRig => {
  const rig = stepRig(checkpoint === undefined ? {} : { checkpoint });
  return { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } };
};
const replace = (args: ValueMap = {}, rig = rigWith()): Promise<ValueMap> =>
  restoreKind.run({ from: dumpFile(), to: target, into: 'replace what is there', ...args }, rig.context);
const inTarget = <T extends object>(text: string): Promise<T[]> => postgres.sql<T>(text, 'target');
const databases = async (): Promise<string[]> =>
  (
    await postgres.sql<{ name: string }>(
      `select datname as name from pg_database where datname like 'drillbook-%' order by 1`,
      'postgres',
    )
  ).map(({ name }) => name);
/** All that a dump says of a database, but for the words that keep two dumps apart. */
async function dumped(database: string): Promise<string> {
  const { stdout } = await run(tools.dump, [postgres.server.url(database)], { maxBuffer: 1 << 26 });
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '');
}
/** A slot keeps the restore in the database, and in one transaction. */
const holdSlot = (): Promise<object[]> =>
  inTarget("select pg_create_logical_replication_slot('held', 'pgoutput')");

describe('one of every kind of object', () => {
  beforeEach(async () => {
    await postgres.sql(EVERY_KIND, 'source');
    await postgres.sql(EVERY_KIND, 'target');
    await dumpSource();
  });

  test('beside it: restored twice over itself, nothing differs', async () => {
    const expected = await dumped('source');
    for (let time = 0; time < 2; time++) {
      expect(await replace()).toMatchObject({ kept: KEPT });
      expect(await dumped('target')).toBe(expected);
      const context = rigWith().context;
      expect(await dropKept.run({ database: target, kept: KEPT }, context)).toEqual({ dropped: true });
    }
  });

  test('in one transaction: restored twice over itself, nothing differs', async () => {
    const expected = await dumped('source');
    await holdSlot();
    for (let time = 0; time < 2; time++) {
      const rig = rigWith();
      expect(await replace({}, rig)).toMatchObject({ kept: null });
      expect(rig.logs.join('\n')).toContain('replication slots are bound to the database: held');
      expect(await dumped('target')).toBe(expected);
    }
  });

  test('is found whole, and dropped whole', async () => {
    const session = await openDatabase(target, rigWith().context);
    const objects = await inventoryOf(session);
    expect([...new Set(objects.map(({ type }) => type))].sort()).toMatchSnapshot();
    await dropInBatches(session, objects);
    expect(await inventoryOf(session)).toEqual([]);
    await session.close();
  });
});

describe('whatever ends it, there is the whole of one', () => {
  const OLD_ROWS = 'select count(*)::int as n from most';
  const NEW_ROWS = 'select count(*)::int as n from mails where f() = 1';
  /** Which contents stand under the name now: all of them, or the test fails. */
  async function contents(): Promise<'old' | 'new'> {
    const [found] = await inTarget<{ name: string }>(
      "select coalesce(to_regclass('most'), to_regclass('mails'))::text as name",
    );
    const isOld = found?.name === 'most';
    expect(await inTarget(isOld ? OLD_ROWS : NEW_ROWS)).toEqual([{ n: isOld ? 100 : 500 }]);
    return isOld ? 'old' : 'new';
  }

  beforeEach(async () => {
    await postgres.sql(SMALL, 'source');
    await postgres.sql(OLD, 'target');
    await postgres.sql(
      'alter table precious owner to peakops_user; alter view most owner to peakops_user',
      'target',
    );
    await dumpSource();
  });

  /** A life that is killed as soon as it has told so many things; gives what it had saved, and whether it was over by then. */
  async function killedAfter(
    told: number,
  ): Promise<{ over: boolean; checkpoint: Json | undefined; said: readonly string[] }> {
    const child = fork(program);
    const exit = once(child, 'exit');
    let count = 0;
    let over = false;
    let checkpoint: Json | undefined;
    const said: string[] = [];
    child.on('message', (news: StepNews) => {
      said.push(JSON.stringify(news));
      if (news.type === 'checkpoint') checkpoint = news.checkpoint;
      over ||= news.type === 'end';
      if (++count === told) child.kill('SIGKILL');
    });
    const args = { from: dumpFile(), to: target, into: 'replace what is there', noOwner: true };
    child.send({ kind: 'postgres.restore', args, environment: {}, folder } satisfies StepOrder);
    await exit;
    return { over, checkpoint, said };
  }

  test.each([
    ['beside it', false],
    ['in one transaction', true],
  ])('%s: killed at a stage of every three, and taken up again', { timeout: 600_000 }, async (way, held) => {
    if (held) await holdSlot();
    const seen = new Set<string>();
    // Each stage has its turn, by another seed.
    for (let told = 1 + new Dice(SEED, crc32(way)).below(3); ; told += 3) {
      const { over, checkpoint, said } = await killedAfter(told);
      seen.add(await contents());
      const rig = rigWith(checkpoint);
      await replace({ noOwner: true }, rig);
      expect(await contents()).toBe('new');
      // One that stays would have the next restore take the database for its own half-done work.
      expect(await inTarget("select from pg_namespace where nspname = 'drillbook_restore'")).toEqual([]);
      expect(await databases(), [...said, ...rig.logs].join('\n')).toEqual(held ? [] : [KEPT]);
      if (over) break;
      await drop(KEPT);
      await inTarget('drop view mails; drop table users; drop function f()');
      await inTarget(OLD);
    }
    expect(seen).toEqual(new Set(['old', 'new']));
  });

  test.each([
    ['beside it', false],
    ['in one transaction', true],
  ])('%s: a dump that is cut off leaves the old contents, and nothing beside them', async (_way, held) => {
    if (held) await holdSlot();
    const whole = await readFile(dumpFile());
    await writeFile(dumpFile(), whole.subarray(0, whole.length - 1500));
    expect(await failureOf(replace({ noOwner: true }))).toMatchObject({ changed: 'nothing' });
    expect(await contents()).toBe('old');
    expect(await databases()).toEqual([]);
  });

  test('a role that may not make databases restores in one transaction; what it may not drop stays', async () => {
    await replace({ to: asOwner, noOwner: true });
    expect(await contents()).toBe('new');
    await inTarget('create schema theirs; create table theirs.own as select 1 as n');
    expect(await failureOf(replace({ to: asOwner, noOwner: true }))).toMatchObject({
      code: 'permissionDenied',
      changed: 'nothing',
    });
    expect(await contents()).toBe('new');
    expect(await inTarget('select n from theirs.own')).toEqual([{ n: 1 }]);
  });

  test('sessions that this role may not end keep the name: told by whom, and the next try only swaps', async () => {
    await postgres.sql('alter role peakops_user createdb');
    const other = new pg.Client({
      connectionString: postgres.server.url('target'),
      application_name: 'report',
    });
    other.on('error', () => undefined);
    await other.connect();
    const rig = rigWith();
    const error = await failureOf(replace({ to: asOwner, noOwner: true }, rig));
    expect(error).toMatchObject({ code: 'inUse', changed: 'nothing', retryable: true });
    expect(error.message).toContain('postgres (report)');
    expect(await contents()).toBe('old');
    await other.end();
    const again = rigWith(rig.checkpoints.at(-1));
    expect(await replace({ to: asOwner, noOwner: true }, again)).toMatchObject({ kept: KEPT });
    expect(again.logs.join()).not.toContain('gathering statistics');
    expect(await contents()).toBe('new');
  });

  test('a swap that is given up leaves a database that is named, and dropped as what was kept is', async () => {
    await postgres.sql('alter role peakops_user createdb');
    const other = new pg.Client({ connectionString: postgres.server.url('target') });
    other.on('error', () => undefined);
    await other.connect();
    const rig = rigWith();
    const error = await failureOf(replace({ to: asOwner, noOwner: true }, rig));
    await other.end();
    expect(error).toMatchObject({ code: 'inUse', changed: 'nothing' });
    expect(error.hint).toContain(`postgres.drop-kept with "kept: ${FRESH}"`);
    expect(await databases()).toEqual([FRESH]);
    const dropped = await dropKept.run({ database: asOwner, kept: FRESH }, rigWith().context);
    expect(dropped).toEqual({ dropped: true });
    expect(await databases()).toEqual([]);
    expect(await contents()).toBe('old');
    // Whoever tries after all begins again.
    await replace({ to: asOwner, noOwner: true }, rigWith(rig.checkpoints.at(-1)));
    expect(await contents()).toBe('new');
  });

  test('what is said of the database itself is said of the new one', async () => {
    await postgres.sql(
      `alter database target set search_path = "$user", public, "odd, name"; alter database target set work_mem = '7MB';
       alter role reader in database target set lock_timeout = '3s'; alter database target connection limit 40;
       comment on database target is 'it''s live'; revoke connect on database target from public;
       grant connect on database target to reader with grant option`,
      'postgres',
    );
    const said = `select datacl::text as acl, datconnlimit as limit, shobj_description(d.oid, 'pg_database') as comment,
        pg_get_userbyid(datdba)::text as owner,
        (select json_agg(row(setrole, setconfig) order by setrole) from pg_db_role_setting where setdatabase = d.oid)::text as settings
      from pg_database d where datname = 'target'`;
    const before = await postgres.sql(said);
    await replace({ noOwner: true });
    expect(await postgres.sql(said)).toEqual(before);
  });

  test('what holds on to the database is refused by name', async () => {
    await inTarget(
      "create subscription feed connection 'host=localhost' publication p with (connect = false)",
    );
    await inTarget('alter subscription feed set (slot_name = none)');
    await postgres.sql("update pg_subscription set subenabled = true where subname = 'feed'");
    expect(await failureOf(replace())).toMatchObject({ code: 'subscriptionEnabled', changed: 'nothing' });
    await postgres.sql("update pg_subscription set subenabled = false where subname = 'feed'");
    expect(await contents()).toBe('old');
  });
});

test('all that the server lacks is told at once, before anything is changed', async () => {
  await postgres.sql(
    `create extension pgcrypto; create table t (a text collate "C.utf8"); alter table t owner to writer;
     create collation deutsch (provider = libc, locale = 'C'); create table u (id int)`,
    'source',
  );
  await inTarget(OLD);
  await dumpSource();
  const words = {
    pgcrypto: 'pgcryptx',
    writer: 'wroter',
    'C.utf8': 'C.utf9',
    "locale = 'C'": "locale = 'X'",
  };
  let text = (await readFile(dumpFile())).toString('latin1');
  for (const [here, elsewhere] of Object.entries(words)) text = text.replaceAll(here, elsewhere);
  await writeFile(dumpFile(), text, 'latin1');
  const error = await failureOf(replace());
  expect(error).toMatchObject({ changed: 'nothing', details: { missing: ['wroter'] } });
  for (const lack of ['pgcryptx', 'wroter', 'C.utf9', 'deutsch']) expect(error.message).toContain(lack);
  expect(await databases()).toEqual([]);
  expect(await inTarget('select count(*)::int as n from most')).toEqual([{ n: 100 }]);
});
