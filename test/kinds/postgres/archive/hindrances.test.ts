// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../../engine/base/value.ts';
import type { ClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import { findClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import { runAs } from '../../../../engine/sandbox/postgres/account.ts';
import { startPooler } from '../../../rig/pooler.ts';
import type { PostgresRig } from '../../../rig/postgres.ts';
import { startPostgres } from '../../../rig/postgres.ts';
import type { StepRig } from '../../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../../rig/step.ts';

const run = promisify(execFile);
const kind = await kindOf('postgres.restore');
/** Small: what one transaction may lock is soon too much. */
const SMALL = { wal_level: 'logical', max_locks_per_transaction: '10', max_connections: '20' };

let tools: ClientTools;
let postgres: PostgresRig;
let folder: string;
let target: ValueMap;

beforeAll(async () => {
  tools = await findClientTools(15, 'the test');
  postgres = await startPostgres();
  await postgres.server.stop();
  await postgres.server.start(SMALL);
  target = targetAt(postgres.server.url('target'));
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  for (const name of ['source', 'target']) await postgres.sql(`create database ${name}`, 'postgres');
  await inTarget('create table precious as select generate_series(1, 100) as n');
  await postgres.sql(
    "create table big as select md5(n::text) || md5(n::text || 'x') as x from generate_series(1, 60000) n",
    'source',
  );
  await run(tools.dump, ['-Fc', '-f', join(folder, 'source.dump'), postgres.server.url('source')]);
});
afterEach(async () => {
  delete process.env['PG_BINDIR'];
  await postgres.sql('select pg_drop_replication_slot(slot_name) from pg_replication_slots', 'postgres');
  for (const name of await databases())
    await postgres.sql(`drop database "${name}" with (force)`, 'postgres');
  await rm(folder, { recursive: true, force: true });
});

function targetAt(url: string): ValueMap {
  process.env['DRILLBOOK_TEST_HINDRANCE_URL'] = url;
  return { name: 'live', url: { $ref: 'env', name: 'DRILLBOOK_TEST_HINDRANCE_URL' } };
}
const rigHere = (): StepRig => {
  const rig = stepRig();
  return { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } };
};
const replace = (rig = rigHere(), to = target): Promise<ValueMap> =>
  kind.run({ from: join(folder, 'source.dump'), to, into: 'replace what is there' }, rig.context);
const inTarget = (text: string): Promise<object[]> => postgres.sql(text, 'target');
const databases = async (): Promise<string[]> =>
  (
    await postgres.sql<{ name: string }>(
      "select datname as name from pg_database where datname in ('source', 'target') or datname like 'drillbook-%' order by 1",
      'postgres',
    )
  ).map(({ name }) => name);
/** A slot keeps the restore in the database, and in one transaction. */
const holdSlot = (): Promise<object[]> =>
  inTarget("select pg_create_logical_replication_slot('held', 'pgoutput')");
/** The old contents, whole, and nothing beside them. */
async function expectNothingChanged(): Promise<void> {
  expect(await inTarget('select count(*)::int as n from precious')).toEqual([{ n: 100 }]);
  expect(await databases()).toEqual(['source', 'target']);
}

describe.each([
  ['beside it', false],
  ['in one transaction', true],
])('%s', (_way, held) => {
  test('a disk that is full leaves the old contents; with room again it is restored', async () => {
    if (held) await holdSlot();
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
    const error = await failureOf(replace()).finally(() => limit('unlimited'));
    expect(error).toMatchObject({ code: '53100', changed: 'nothing' });
    await expectNothingChanged();
    await replace();
    expect(await inTarget('select count(*)::int as n from big')).toEqual([{ n: 60_000 }]);
  });

  test('a pooler that takes no settings is restored through without them', async () => {
    if (held) await holdSlot();
    const url = new URL(postgres.server.url('target'));
    const pooler = await startPooler(Number(url.port));
    try {
      url.port = String(pooler.port);
      const rig = rigHere();
      await replace(rig, targetAt(url.href));
      expect(pooler.refused()).toBeGreaterThan(0);
      expect(rig.logs.join('\n')).toContain('takes no settings at the start of a session');
      expect(await inTarget('select count(*)::int as n from big')).toEqual([{ n: 60_000 }]);
    } finally {
      await pooler.close();
      target = targetAt(postgres.server.url('target'));
    }
  });

  test('a pg_restore that sets what the server does not know is told by name', async () => {
    if (held) await holdSlot();
    // The next major's sets "transaction_timeout" whatever it restores; the server says what it says to that one.
    const newer = join(folder, 'newer');
    await run('cp', ['-rs', tools.folder, newer]);
    await rm(join(newer, 'pg_restore'));
    await writeFile(
      join(newer, 'pg_restore'),
      `#!/bin/sh\ncase "$*" in *--dbname*) export PGOPTIONS="$PGOPTIONS -c transaction_timeout=0";; esac\nexec '${tools.restore}' "$@"\n`,
    );
    await chmod(join(newer, 'pg_restore'), 0o755);
    process.env['PG_BINDIR'] = newer;
    const error = await failureOf(replace());
    expect(error).toMatchObject({ code: 'clientToolsTooNew', changed: 'nothing' });
    expect(error.message).toContain('sets "transaction_timeout"');
    expect(error.hint).toContain("the server's own version");
    await expectNothingChanged();
  });
});

test('more objects than one transaction may lock are told before it begins; beside it they do not matter', async () => {
  await inTarget(
    "do $$ begin for n in 1..300 loop execute format('create table t%s (id int primary key)', n); commit; end loop; end $$",
  );
  await holdSlot();
  const error = await failureOf(replace());
  expect(error).toMatchObject({ code: 'tooManyObjects', changed: 'nothing' });
  expect(error.hint).toContain('max_locks_per_transaction');
  await expectNothingChanged();
  await postgres.sql("select pg_drop_replication_slot('held')");
  expect(await replace()).toMatchObject({ kept: expect.stringMatching(/-old$/) as string });
});
