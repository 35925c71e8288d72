// @module-tag needs/pg_restore
// @module-tag needs/pg_dump
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { findClientTools } from '../../../engine/kinds/postgres/client/client-tools.ts';
import { withTimeout } from '../../rig/deadline.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

/** Nothing of it is waited for in vain: what runs here is held up until it is told to stop. */
const TIMEOUT_MS = 1000;

let postgres: PostgresRig;
let folder: string;
let dump: string;
let holder: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql('create table users (id int primary key); alter table users owner to peakops_user');
  await postgres.sql('insert into users select generate_series(1, 10)');
  process.env['DRILLBOOK_TEST_DEADLINE_URL'] = postgres.url();
  process.env['DRILLBOOK_TEST_DEADLINE_EMPTY_URL'] = postgres.url('empty');
});
afterAll(() => postgres.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  await postgres.sql('drop database if exists empty with (force)', 'postgres');
  await postgres.sql('create database empty owner peakops_user', 'postgres');
  dump = join(folder, 'main.dump');
  const tools = await findClientTools(15, 'the test');
  await promisify(execFile)(tools.dump, ['-Fc', '-f', dump, postgres.server.url('peakops')]);
});
afterEach(async () => {
  await holder.end();
  await rm(folder, { recursive: true, force: true });
});

/** Keeps the step from getting on. */
async function hold(lock: string, database = 'peakops'): Promise<void> {
  holder = new pg.Client({ connectionString: postgres.server.url(database) });
  await holder.connect();
  await holder.query(`begin; lock table ${lock}`);
}

const main = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_DEADLINE_URL' } };
const empty = { name: 'peakops-new', url: { $ref: 'env', name: 'DRILLBOOK_TEST_DEADLINE_EMPTY_URL' } };
const users = ['users'];
/** Each step with what holds it up. */
const STEPS: readonly (readonly [kind: string, args: () => ValueMap, hold: () => Promise<void>])[] = [
  ['postgres.size', () => ({ database: main }), () => hold('users')],
  ['postgres.compare', () => ({ left: main, right: main, tables: users }), () => hold('users')],
  ['postgres.dump', () => ({ database: main, to: 'copies/main' }), () => hold('users')],
  [
    'postgres.restore',
    () => ({ from: dump, to: empty, noOwner: true }),
    () => hold('pg_index in share mode', 'empty'),
  ],
  [
    'postgres.copy-rows',
    () => ({ from: main, to: empty, tables: [{ name: 'users', where: 'true' }] }),
    () => hold('users'),
  ],
];

const SESSIONS = "select count(*)::int as n from pg_stat_activity where usename = 'peakops_user'";
const sessions = async (condition = 'true'): Promise<number> =>
  (await postgres.sql<{ n: number }>(`${SESSIONS} and ${condition}`))[0]?.n ?? -1;

/** What a step of drillbook's leaves in the run's folder, save for the dump that was there. */
const files = async (): Promise<readonly string[]> =>
  (await readdir(folder, { recursive: true })).filter((name) => !['main.dump', 'copies'].includes(name));

describe.each(STEPS)('%s that is held up', (name, args, heldUp) => {
  test('ends at its timeout, and so does what it began at the server', async () => {
    const kind = await kindOf(name);
    const { context } = stepRig();
    const run = { ...context.run, folder };
    await heldUp();
    const work = withTimeout(TIMEOUT_MS, (signal) => kind.run(args(), { ...context, run, signal }));
    expect(await failureOf(work)).toMatchObject({ code: 'timeout', changed: 'nothing' });
    await expect.poll(() => sessions()).toBe(0);
    expect(await files()).toEqual([]);
  });

  test('ends when it is stopped', async () => {
    const kind = await kindOf(name);
    const { context, abort } = stepRig();
    await heldUp();
    const work = kind.run(args(), { ...context, run: { ...context.run, folder } });
    const stopped = expect(work).rejects.toThrow('stopped');
    await expect.poll(() => sessions("wait_event_type = 'Lock'")).toBeGreaterThan(0);
    abort();
    await stopped;
    await expect.poll(() => sessions()).toBe(0);
    expect(await files()).toEqual([]);
  });
});
