// @module-tag needs/unshare
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import { compileChild } from '../rig/compile-child.ts';
import { needing } from '../rig/needed-programs.ts';
import { query } from '../rig/postgres.ts';
import type { DatabaseRig, RenderRig } from '../rig/render.ts';
import { addDatabase, startRender } from '../rig/render.ts';
import { startS3 } from '../rig/s3.ts';
import { kindOf, realClock, stepRig } from '../rig/step.ts';
import { serveSsh } from '../rig/sshd.ts';
import type { StepNews, StepOrder } from '../rig/step-child.ts';

/** What fits on the disk, and what does not. */
const DISK_BYTES = 256 * 1024;
const LARGE = randomBytes(2 * DISK_BYTES).toString('hex');
const VARIABLE = 'DRILLBOOK_TEST_FULL_DISK_URL';

let top: string;
let program: string;
let folder: string;
let render: RenderRig;
let main: DatabaseRig;
let s3: Awaited<ReturnType<typeof startS3>>;

beforeAll(async () => {
  top = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  program = await compileChild(new URL('../rig/step-child.ts', import.meta.url), join(top, 'child'));
  render = await startRender();
  main = await addDatabase(render);
  process.env[VARIABLE] = main.database.url;
  await query(
    main.database.url,
    `create table videos as select n, (select string_agg(md5(n::text || m), '') from generate_series(1, 100) m) as body
     from generate_series(1, 500) n`,
  );
  s3 = await startS3();
});
afterAll(async () => {
  await main.close();
  await render.close();
  await s3.close();
  await rm(top, { recursive: true });
});
beforeEach(async () => {
  folder = join(top, `disk-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
});

/**
 * Runs a kind where the run's folder is a real disk of 256 KiB: a file system in memory that only this
 * process sees, and that goes with it.
 */
async function runOnSmallDisk(order: Omit<StepOrder, 'folder'>): Promise<Extract<StepNews, { type: 'end' }>> {
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = `mount -t tmpfs -o size=${String(DISK_BYTES)} tmpfs "$0" && exec "$@"`;
  const child = spawn('unshare', [...own, '--mount', 'sh', '-c', script, folder, process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send({ ...order, folder } satisfies StepOrder);
  return await new Promise((resolve, reject) => {
    child.on('message', (news: StepNews) => {
      if (news.type === 'end') resolve(news);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error('it ended without a word')));
  });
}

const target = (): ValueMap => ({
  name: 'peakops-main',
  url: { $ref: 'env', name: VARIABLE },
  fingerprint: { systemIdentifier: main.systemIdentifier },
});

test('postgres.dump removes the part, and the database is as it was', needing('pg_dump'), async () => {
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 'postgres.dump', environment: {} },
    args: { database: target(), to: join(folder, 'main.dump'), compression: 0 },
  });
  expect(error).toMatchObject({ code: 'diskFull', changed: 'nothing' });
  expect(error?.message).toMatch(/^the disk of .* is full; the part that was written has been removed$/);
  expect(error?.hint).toMatch(/free|room|another/i);
  expect(left).toEqual([]);
});

test('s3.get leaves no part of an object', async () => {
  const bucket = await s3.bucket();
  await s3.put(bucket, { large: LARGE });
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 's3.get', environment: s3.environment },
    args: { bucket, key: 'large', path: join(folder, 'large') },
  });
  expect(error).toMatchObject({ code: 'diskFull', changed: 'nothing' });
  expect(error?.message).toContain('the disk is full');
  expect(error?.hint).toContain('Free space');
  expect(left).toEqual([]);
});

test('s3.sync-down keeps the objects that are whole, and says so', async () => {
  const bucket = await s3.bucket();
  await s3.put(bucket, { large: LARGE, small: 'fits' });
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 's3.sync-down', environment: s3.environment },
    args: { bucket, path: join(folder, 'copy') },
  });
  // Both come at the same time: the small one may be whole by then, or not.
  const isThere = left.includes('copy/small');
  expect(error).toMatchObject({ code: 'diskFull', changed: isThere ? 'something' : 'nothing' });
  expect(error?.message).toContain('the disk is full');
  expect(left).toEqual(isThere ? ['copy', 'copy/small'] : ['copy']);
});

test('render.download-export leaves no half of an export', needing('pg_dump'), async () => {
  const environment = { render: render.settings };
  const exporting = stepRig({ environment, clock: realClock });
  const made = await (
    await kindOf('render.export-postgres')
  ).run({ database: main.target }, exporting.context);
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 'render.download-export', environment },
    args: { export: made['export'] as ValueMap, to: join(folder, 'export') },
  });
  expect(error).toMatchObject({ code: 'diskFull' });
  expect(error?.message).toContain('the disk is full');
  expect(error?.hint).toContain('Free space');
  expect(left).toEqual([]);
});

test('file.write leaves what was there', async () => {
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 'file.write', environment: {} },
    args: { path: 'list.txt', text: LARGE },
  });
  expect(error).toMatchObject({ code: 'diskFull' });
  expect(error?.message).toMatch(/list\.txt cannot be written: the disk is full/);
  expect(error?.hint).toContain('Free space');
  expect(left).toEqual([]);
});

test('http.request keeps no part of an answer as evidence', async () => {
  const server = createServer((_, response) => response.end(LARGE));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const { port } = server.address() as AddressInfo;
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 'http.request', environment: {} },
    args: { url: `http://127.0.0.1:${String(port)}/`, store: 'answer.bin' },
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(error).toMatchObject({ code: 'diskFull', changed: 'maybe' });
  expect(error?.message).toMatch(/answer\.bin cannot be written: the disk is full/);
  expect(left).toEqual([]);
});

test('host.copy sees before it begins that there is no room', needing('ssh', 'sshd'), async () => {
  const sshd = await serveSsh();
  await writeFile(join(sshd.home, 'large'), LARGE);
  const { error, left } = await runOnSmallDisk({
    ...{ kind: 'host.copy', environment: { hosts: { db1: sshd.target } } },
    args: { from: join(sshd.home, 'large'), fromHost: sshd.target, to: 'large' },
  });
  await sshd.close();
  expect(error).toMatchObject({ code: 'diskFull', changed: 'nothing' });
  expect(error?.message).toContain(`${String(LARGE.length)} bytes have no room`);
  expect(left).toEqual([]);
});
