// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ValueMap } from '../../../../engine/base/value.ts';
import type { PostgresRig } from '../../../rig/postgres.ts';
import { OWNER, startPostgres } from '../../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../../rig/step.ts';

const compare = await kindOf('postgres.compare');
const dump = await kindOf('postgres.dump');
const restore = await kindOf('postgres.restore');

let one: PostgresRig;
let other: PostgresRig;
let folder: string;

beforeAll(async () => {
  for (const rig of [(one = await startPostgres()), (other = await startPostgres())]) {
    await rig.server.stop();
    await rig.server.start({ wal_level: 'logical', max_prepared_transactions: '5' });
  }
});
afterAll(() => Promise.all([one.close(), other.close()]));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  for (const rig of [one, other]) await rig.sql('create database shop owner peakops_user', 'postgres');
  await one.sql('create role reader; create role writer login');
  await other.sql('create role reader; create role writer login');
});
afterEach(async () => {
  await one.sql("select pg_drop_replication_slot('cdc') from pg_replication_slots");
  await one.sql("select pg_replication_origin_drop(roname) from pg_replication_origin where roname = 'far'");
  await one.sql('drop tablespace if exists fast');
  for (const rig of [one, other]) {
    await rig.sql('alter role all reset all');
    for (const { gid } of await rig.sql<{ gid: string }>('select gid from pg_prepared_xacts')) {
      await rig.sql(`rollback prepared '${gid}'`, 'shop');
    }
    for (const { name } of await rig.sql<{ name: string }>('select subname as name from pg_subscription')) {
      await rig.sql(`alter subscription ${name} set (slot_name = none)`, 'shop');
      await rig.sql(`drop subscription ${name}`, 'shop');
    }
    await rig.sql('drop database shop with (force)', 'postgres');
    await rig.sql('drop owned by reader, writer; drop role reader, writer', 'postgres');
  }
  await rm(folder, { recursive: true, force: true });
});

/** As the owner, who is no superuser: every role may look. */
const shopOf = (rig: PostgresRig, name: string): ValueMap => {
  process.env[`DRILLBOOK_TEST_${name}_URL`] = rig.url('shop', OWNER);
  return { name, url: { $ref: 'env', name: `DRILLBOOK_TEST_${name}_URL` } };
};
const compared = (args: ValueMap = {}): Promise<ValueMap> =>
  compare.run(
    { left: shopOf(one, 'LEFT'), right: shopOf(other, 'RIGHT'), mode: 'surroundings', ...args },
    stepRig().context,
  );

test('of two databases that were made alike nothing differs', async () => {
  expect(await compared()).toMatchObject({ equal: true, differences: [] });
});

/** What is done to one database of a server, and how the comparison must name it. */
const DIFFERENT: readonly (readonly [string, string, { left: string | null; right: string | null }])[] = [
  [
    "alter database shop set work_mem = '7MB'",
    'setting work_mem of the database',
    { left: '7MB', right: null },
  ],
  [
    "alter role reader in database shop set lock_timeout = '3s'",
    'setting lock_timeout of the role reader in the database',
    { left: '3s', right: null },
  ],
  [
    'alter role writer set search_path = audit, public',
    'setting search_path of the role writer',
    { left: 'audit, public', right: null },
  ],
  [
    "alter role all set statement_timeout = '9s'",
    'setting statement_timeout of all roles',
    { left: '9s', right: null },
  ],
  [
    'alter database shop connection limit 40',
    'connection limit of the database',
    { left: '40', right: '-1' },
  ],
  ["comment on database shop is 'it''s live'", 'comment on the database', { left: "it's live", right: null }],
  [
    'alter database shop owner to writer; grant connect on database shop to peakops_user',
    'owner of the database',
    { left: 'writer', right: 'peakops_user' },
  ],
  [
    'grant create on database shop to reader with grant option',
    'grants on the database to reader',
    { left: 'CREATE with grant option', right: null },
  ],
  [
    "alter role reader login createdb connection limit 3 valid until '2030-01-01Z'",
    'role reader',
    { left: 'login, createdb, connection limit 3, valid until 2030-01-01T00:00:00', right: 'no login' },
  ],
  ["comment on role reader is 'reads'", 'comment on the role reader', { left: 'reads', right: null }],
  [
    'grant reader to writer with admin option',
    'membership of writer in reader',
    { left: 'inherit, admin', right: null },
  ],
  [
    'grant set on parameter log_statement to reader',
    'grants on the parameter log_statement to reader',
    { left: 'SET', right: null },
  ],
  [
    "select pg_create_logical_replication_slot('cdc', 'pgoutput')",
    'replication slot cdc',
    { left: 'logical, pgoutput', right: null },
  ],
  ["select pg_replication_origin_create('far')", 'replication origin far', { left: 'origin', right: null }],
  [
    "create subscription feed connection 'host=localhost' publication p with (connect = false)",
    'state of the subscription feed',
    { left: 'disabled, slot feed, 0 of 0 tables ready', right: null },
  ],
  ["begin; prepare transaction 'held'", 'prepared transaction held', { left: 'of postgres', right: null }],
  ["create extension hstore version '1.4'", 'version of the extension hstore', { left: '1.4', right: null }],
  [
    `create foreign data wrapper nowhere; create server far foreign data wrapper nowhere;
     create foreign table distant (n int) server far`,
    'rows of the foreign table distant',
    { left: 'at the server far', right: null },
  ],
];

test.each(DIFFERENT)('%s', async (statement, object, sides) => {
  await one.sql(statement, 'shop');
  const output = await compared();
  expect(output['equal']).toBe(false);
  expect(output['differences']).toContainEqual({ object, ...sides });
});

test('a tablespace, with its place', async () => {
  const place = join(one.server.folder, 'fast');
  await mkdir(place);
  const { account } = one.server.installation;
  if (account !== undefined) await chown(place, account.uid, account.gid);
  await one.sql(`create tablespace fast owner writer location '${place}'`);
  expect((await compared())['differences']).toContainEqual({
    object: 'tablespace fast',
    left: `${place}, of writer`,
    right: null,
  });
});

test('an index that is not valid, which no dump holds', async () => {
  await one.sql('create table t (n int); insert into t values (1), (1)', 'shop');
  await one.sql('create unique index concurrently broken on t (n)', 'shop').catch(() => undefined);
  expect((await compared())['differences']).toContainEqual({
    object: 'invalid index broken',
    left: 'CREATE UNIQUE INDEX broken ON public.t USING btree (n)',
    right: null,
  });
});

test('a setting of an application is told by a digest: it may be a key', async () => {
  await one.sql("alter database shop set app.jwt_secret = 'hush-hush-hush'", 'postgres');
  await other.sql("alter database shop set app.jwt_secret = 'hush-hush-hush'", 'postgres');
  expect(await compared()).toMatchObject({ equal: true });
  await other.sql("alter database shop set app.jwt_secret = 'hush-hush'", 'postgres');
  const output = await compared();
  expect(output['differences']).toMatchObject([{ object: 'setting app.jwt_secret of the database' }]);
  expect(JSON.stringify(output)).not.toContain('hush');
});

test('tables have no surroundings of their own', async () => {
  expect(await failureOf(compared({ tables: ['users'] }))).toMatchObject({ code: 'usage' });
});

test('a dump tells what it does not carry, and a restore what there is of it', async () => {
  await one.sql('create table t (n int)', 'shop');
  await one.sql('alter table t owner to peakops_user', 'shop');
  await one.sql("alter database shop set work_mem = '7MB'", 'postgres');
  const rig = stepRig();
  const context = { ...rig.context, run: { ...rig.context.run, folder } };
  const carried = { object: 'setting work_mem of the database', definition: '7MB' };
  const dumped = await dump.run({ database: shopOf(one, 'LEFT'), to: 'shop.dump' }, context);
  expect(dumped['notCarried']).toContainEqual(carried);
  const to = shopOf(other, 'RIGHT');
  const restored = await restore.run({ from: 'shop.dump', to, noOwner: true }, context);
  expect(restored['notCarried']).not.toContainEqual(carried);
  expect(restored['notCarried']).toContainEqual({
    object: 'owner of the database',
    definition: 'peakops_user',
  });
  await other.sql("alter database shop set work_mem = '7MB'", 'postgres');
  expect(await compared()).toMatchObject({ equal: true });
});
