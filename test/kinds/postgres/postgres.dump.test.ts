// @module-tag needs/pg_dump
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { findClientTools } from '../../../engine/kinds/postgres/client/client-tools.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { StepRig } from '../../rig/step.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const run = promisify(execFile);
const VARIABLE = 'DRILLBOOK_TEST_DUMP_URL';

const kind = await kindOf('postgres.dump');

let postgres: PostgresRig;
let main: ValueMap;
let folder: string;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env[VARIABLE] = postgres.url();
  main = {
    name: 'peakops-main',
    url: { $ref: 'env', name: VARIABLE },
    fingerprint: { systemIdentifier: postgres.systemIdentifier },
    $target: 'databases.main',
  };
  await postgres.sql(`create table users (id int primary key, email text);
    insert into users select n, 'user' || n from generate_series(1, 20000) n;
    create schema "odd one"; create table "odd one"."Table with blanks" (n int);
    alter table users owner to peakops_user; alter schema "odd one" owner to peakops_user;
    alter table "odd one"."Table with blanks" owner to peakops_user`);
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
});
afterEach(async () => {
  delete process.env['PG_BINDIR'];
  await rm(folder, { recursive: true, force: true });
});

const rigIn = (checkpoint?: StepRig['checkpoints'][number]): StepRig => {
  const rig = stepRig(checkpoint === undefined ? {} : { checkpoint });
  return { ...rig, context: { ...rig.context, run: { ...rig.context.run, folder } } };
};
const dump = (args: ValueMap = {}, rig = rigIn()): Promise<ValueMap> =>
  kind.run({ database: main, ...args }, rig.context);

/** Real programs behind a door that can be different: the folder for PG_BINDIR. */
async function bindir(scripts: { readonly pg_dump: string }): Promise<string> {
  const { dump: real, restore } = await findClientTools(15, 'the test');
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'pg_dump'), `#!/bin/sh\nreal=${real}\n${scripts.pg_dump}\n`);
  await writeFile(join(bin, 'pg_restore'), `#!/bin/sh\nexec ${restore} "$@"\n`);
  await Promise.all(['pg_dump', 'pg_restore'].map((name) => chmod(join(bin, name), 0o755)));
  return bin;
}

test('a dump in custom format, with a checksum that sha256sum agrees with', async () => {
  const output = await dump();
  const path = join(folder, 'theStep.dump');
  expect(output).toMatchObject({
    path,
    format: 'custom',
    tables: ['odd one.Table with blanks', 'public.users'],
    serverVersion: expect.stringMatching(/^\d+\.\d+/) as string,
  });
  expect(await readdir(folder)).toEqual(['theStep.dump', 'theStep.dump.sha256']);
  await run('sha256sum', ['--check', '--strict', 'theStep.dump.sha256'], { cwd: folder });
  expect(await readFile(`${path}.sha256`, 'utf8')).toBe(`${output['sha256'] as string}  theStep.dump\n`);
});

test('in directory format several jobs write it', async () => {
  const output = await dump({ to: 'copies/main', format: 'directory', jobs: 2, compression: 0 });
  expect(output).toMatchObject({ path: join(folder, 'copies/main'), format: 'directory' });
  await run('sha256sum', ['--check', '--strict', 'main.sha256'], { cwd: join(folder, 'copies') });
  expect(output['bytes']).toBeGreaterThan(100);
});

test('one table, or the schema alone', async () => {
  expect(await dump({ to: 'one', tables: ['odd one.Table with blanks'] })).toMatchObject({
    tables: ['odd one.Table with blanks'],
  });
  const whole = await dump({ to: 'whole' });
  const schema = await dump({ to: 'schema', schemaOnly: true });
  expect(schema['tables']).toEqual(whole['tables']);
  expect(Number(schema['bytes'])).toBeLessThan(Number(whole['bytes']));
});

test('the password is never an argument of a program', async () => {
  process.env['PG_BINDIR'] = await bindir({ pg_dump: `echo "$@" >> ${folder}/argv; exec $real "$@"` });
  await dump();
  const argv = await readFile(join(folder, 'argv'), 'utf8');
  expect(argv).toContain('--format=custom');
  expect(argv).not.toContain('p@ss');
});

test('outside of the run’s folder nothing is written over, its checksums neither', async () => {
  const to = join(folder, '..', `${basename(folder)}.there`);
  for (const taken of [to, `${to}.sha256`]) {
    await writeFile(taken, 'precious');
    expect(await failureOf(dump({ to }))).toMatchObject({ code: 'exists', changed: 'nothing' });
    expect(await readFile(taken, 'utf8')).toBe('precious');
    await rm(taken);
  }
});

test('what a former life finished is taken as it is; what it left half done is written anew', async () => {
  const rig = rigIn();
  const output = await dump({}, rig);
  expect(await dump({}, rigIn(rig.checkpoints[0]))).toEqual(output);
  await rm(join(folder, 'theStep.dump'));
  await writeFile(join(folder, `.${rig.context.resourceName()}`), 'half');
  await dump({}, rigIn(rig.checkpoints[0]));
  expect(await readdir(folder)).toEqual(['theStep.dump', 'theStep.dump.sha256']);
});

test('a full disk: said so, and the part is gone', async () => {
  process.env['PG_BINDIR'] = await bindir({
    pg_dump: `for a in "$@"; do case $a in --file=*) ln -sf /dev/full "\${a#--file=}";; esac; done; exec $real "$@"`,
  });
  const error = await failureOf(dump({ to: 'copies/main', compression: 0 }));
  expect(error).toMatchObject({ code: 'diskFull', changed: 'nothing' });
  expect(error.message).toBe(
    `the disk of ${folder}/copies is full; the part that was written has been removed`,
  );
  expect(error.hint).toMatch(/Free space/);
  expect(await readdir(join(folder, 'copies'))).toEqual([]);
});

test('tools that are too old, or missing, are told before anything starts', async () => {
  process.env['PG_BINDIR'] = await bindir({ pg_dump: 'echo "pg_dump (PostgreSQL) 12.4"' });
  // Whatever this machine has, no PostgreSQL 99 is among it.
  const tooOld = await failureOf(findClientTools(99, 'peakops-main'));
  expect(tooOld).toMatchObject({ code: 'clientToolsTooOld' });
  expect(tooOld.message).toContain('12.4');
  expect(tooOld.hint).toContain('apt install postgresql-client-99');
});

test('a table that is not there', async () => {
  expect(await failureOf(dump({ tables: ['nothing'] }))).toMatchObject({ code: 'noSuchTable' });
  expect(await readdir(folder)).toEqual([]);
});

test('several jobs need the directory format', async () => {
  expect(await failureOf(dump({ jobs: 2 }))).toMatchObject({ code: 'usage' });
});

test('another server than the expected one, and one that does not answer, are not dumped', async () => {
  const other = { ...main, fingerprint: { systemIdentifier: '1' } };
  expect(await failureOf(dump({ database: other }))).toMatchObject({ code: 'interlock' });
  process.env['DRILLBOOK_TEST_NOWHERE'] = 'postgres://u:p@127.0.0.1:1/peakops';
  const nowhere = { name: 'nowhere', url: { $ref: 'env', name: 'DRILLBOOK_TEST_NOWHERE' } };
  expect(await failureOf(dump({ database: nowhere }))).toMatchObject({ code: 'unreachable' });
  expect(await readdir(folder)).toEqual([]);
});

test('what the role may not read is said', async () => {
  await postgres.sql('create table secrets (n int)');
  const error = await failureOf(dump());
  await postgres.sql('drop table secrets');
  expect(error).toMatchObject({ code: 'permissionDenied', changed: 'nothing' });
  expect(error.message).toContain('secrets');
});

test('an abort ends pg_dump and removes the part', async () => {
  process.env['PG_BINDIR'] = await bindir({
    pg_dump: `[ "$1" = --version ] && exec $real --version; touch ${folder}/begun; exec sleep 60`,
  });
  const rig = rigIn();
  const work = dump({ to: 'copies/main' }, rig);
  await expect.poll(() => readdir(folder)).toContain('begun');
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
  expect(await readdir(join(folder, 'copies'))).toEqual([]);
});

test('it reads, and says what', () => {
  const args = { database: main, to: 'backup.dump', format: 'directory', jobs: 2 };
  expect(kind.effect(args)).toBe('read');
  expect(kind.describe(args)).toBe('Dump peakops-main to backup.dump');
  expect(kind.byHand?.(args, stepRig().context.environment)).toBe(
    'pg_dump "$DRILLBOOK_TEST_DUMP_URL" --format=directory --compress=1 --jobs=2 --file=backup.dump',
  );
});
