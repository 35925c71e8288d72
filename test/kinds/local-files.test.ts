// @module-tag needs/redis-server
// @module-tag needs/sshd
// @module-tag needs/ssh
import { access, lstat, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import type { StepContext, StepKind } from '../../engine/model/kind.ts';
import { STEP_KINDS } from '../../engine/kinds/index.ts';
import { serveHttp } from '../rig/http-server.ts';
import type { HttpServerRig } from '../rig/http-server.ts';
import type { DatabaseRig, RenderRig } from '../rig/render.ts';
import { addDatabase, startRender } from '../rig/render.ts';
import type { RedisRig } from '../rig/redis.ts';
import { serveRedis } from '../rig/redis.ts';
import { startS3 } from '../rig/s3.ts';
import { serveSsh } from '../rig/sshd.ts';
import type { SshdRig } from '../rig/sshd.ts';
import { failureOf, kindOf, stepRig } from '../rig/step.ts';

/** The one rule for files of this machine, held against every kind that writes one. */

let s3: Awaited<ReturnType<typeof startS3>>;
let render: RenderRig;
let main: DatabaseRig;
let server: HttpServerRig;
let redis: RedisRig;
let sshd: SshdRig;
let bucket: ValueMap;
let made: ValueMap;
let umask: number;
let root: string;
let folder: string;

beforeAll(async () => {
  s3 = await startS3();
  render = await startRender();
  main = await addDatabase(render);
  server = await serveHttp((_, response) => response.end('fresh'));
  redis = await serveRedis();
  sshd = await serveSsh();
  // A copy keeps the rights of what is copied: the folders that are made for it are what counts here.
  await writeFile(join(sshd.home, 'fresh'), 'fresh', { mode: 0o600 });
  bucket = await s3.bucket();
  await s3.put(bucket, { object: 'fresh' });
  const output = await (await kindOf('render.export-postgres')).run({ database: main.target }, context());
  made = output['export'] as ValueMap;
});
afterAll(async () => {
  await main.close();
  await render.close();
  await s3.close();
  await server.close();
  await redis.close();
  await sshd.close();
});
beforeEach(async () => {
  // What the account allows others by default counts for nothing.
  umask = process.umask(0);
  root = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  folder = join(root, 'run');
  await mkdir(folder, { mode: 0o700 });
  await redis.ask('LPUSH', 'tasks', 'fresh');
});
afterEach(async () => {
  process.umask(umask);
  await rm(root, { recursive: true, force: true });
});

function context(): StepContext {
  const rig = stepRig({
    environment: { ...s3.environment, render: render.settings, hosts: { db1: sshd.target } },
  });
  return { ...rig.context, run: { ...rig.context.run, folder } };
}

interface Row {
  readonly args: (path: string) => ValueMap;
  /** What of the place is in the way, where the place is a folder. */
  readonly inside?: string;
  /** It brings what is missing into a folder, and leaves alone what it does not know. */
  readonly fills?: true;
}

const ROWS: Readonly<Record<string, Row>> = {
  'file.write': { args: (path) => ({ path, text: 'fresh' }) },
  'host.copy': { args: (to) => ({ from: join(sshd.home, 'fresh'), fromHost: sshd.target, to }) },
  'http.request': { args: (store) => ({ url: server.url, store }) },
  'postgres.dump': { args: (to) => ({ database: main.target, to }) },
  'redis.purge': { args: (keep) => ({ redis: redis.target(), queue: 'tasks', keep }) },
  'render.download-export': { args: (to) => ({ export: made, to }), inside: 'other' },
  's3.get': { args: (path) => ({ bucket, key: 'object', path }) },
  's3.sync-down': { args: (path) => ({ bucket, path }), inside: 'object', fills: true },
};

test('every kind that writes files is in this table', async () => {
  const loaded = await Promise.all(Object.values(STEP_KINDS).map((load) => load()));
  const writers = loaded.filter((kind) => 'writesElsewhere' in kind);
  expect(writers.map(({ name }) => name).sort()).toEqual(Object.keys(ROWS));
});

describe.each(Object.entries(ROWS))('%s', (name, { args, inside, fills }) => {
  let kind: StepKind;
  beforeAll(async () => void (kind = await kindOf(name)));

  const run = (path: string, more: ValueMap = {}): Promise<ValueMap> =>
    kind.run({ ...args(path), ...more }, context());
  const precious = (path: string): string => (inside === undefined ? path : join(path, inside));
  const occupy = async (path: string): Promise<void> => {
    await mkdir(dirname(precious(path)), { recursive: true });
    await writeFile(precious(path), 'precious');
  };
  const isPrecious = async (path: string): Promise<boolean> =>
    (await readFile(precious(path), 'utf8').catch(() => '')) === 'precious';

  test('below the run’s folder freely: unasked, for nobody else to read, and in place of what was there', async () => {
    expect(kind.writesElsewhere?.(args('deep/in/it'), folder)).toBeUndefined();
    expect(kind.writesElsewhere?.(args(join(folder, 'x')), folder)).toBeUndefined();
    await run('deep/in/it');
    expect(await readable(folder)).toEqual([]);
    await occupy(join(folder, 'again'));
    await run('again');
    expect(await isPrecious(join(folder, 'again'))).toBe(false);
  });

  test.each(['../beside', 'a/../../beside', '/elsewhere/x'])(
    'a person sees first that it writes %s',
    (path) => {
      expect(kind.writesElsewhere?.(args(path), '/store/run/files')).toBe(
        path.startsWith('/') ? path : '/store/run/beside',
      );
    },
  );

  test('elsewhere for nobody else to read either', async () => {
    await run(join(root, 'new', 'place'));
    expect(await readable(join(root, 'new'))).toEqual([]);
  });

  test('elsewhere nothing is written over, unless that is said', async () => {
    const path = join(root, 'taken');
    await occupy(path);
    const before = (await readdir(root)).sort();
    expect(await failureOf(run(path))).toMatchObject({ code: 'exists', changed: 'nothing' });
    expect(await isPrecious(path)).toBe(true);
    expect((await readdir(root)).sort()).toEqual(before);
    await run(path, { overwrite: true });
    expect(await isPrecious(path)).toBe(false);
    if (fills !== true) expect((await readdir(root)).filter((left) => /old|part/.test(left))).toEqual([]);
  });

  test('what somebody has beside it is left alone', async () => {
    const theirs = ['.partial', '.part', '.new', '.old', '.tmp'].map((end) => join(root, `place${end}`));
    for (const path of theirs) await writeFile(path, 'precious');
    await run(join(root, 'place'));
    for (const path of theirs) expect(await readFile(path, 'utf8')).toBe('precious');
  });

  test('a link in the run’s folder is no way around it', async () => {
    await mkdir(join(root, 'there'));
    await symlink(join(root, 'there'), join(folder, 'link'));
    expect(await failureOf(run('link/x'))).toMatchObject({ code: 'outside', changed: 'nothing' });
    expect(await readdir(join(root, 'there'))).toEqual([]);
  });
});

test('the same content again is no conflict', async () => {
  for (const name of ['file.write', 's3.get', 's3.sync-down']) {
    const path = join(root, name);
    const again = async (): Promise<ValueMap> =>
      (await kindOf(name)).run(ROWS[name]?.args(path) ?? {}, context());
    await again();
    await again();
    await access(path);
  }
});

/** Files and folders below that others may read. */
async function readable(place: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir(place, { recursive: true })) {
    const { mode } = await lstat(join(place, name));
    if ((mode & 0o077) !== 0) found.push(`${name} ${(mode & 0o777).toString(8)}`);
  }
  return found;
}
