import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { endMarked } from './marked.ts';
import { unmountIn } from './mounts.ts';
import { end } from './process.ts';
import { endStarted } from './started.ts';

const PREFIX = 'drillbook-world-';
/** Where PostgreSQL's pid file names its shared memory: a key and an id. */
const SHARED_MEMORY_LINE = 6;

/** Where things are in a world's folder. */
export const inFolder = (folder: string) => ({
  /** What the starter says before anything runs: see `Lease`. */
  lease: join(folder, 'lease.json'),
  /** How to reach the world; written when it is ready. */
  address: join(folder, 'world.json'),
  controlToken: join(folder, 'control-token'),
  log: join(folder, 'world.log'),
  /** What the world is made of. */
  plan: join(folder, 'plan.json'),
  /** Logs and lists of its parts. */
  parts: join(folder, 'parts'),
  /** The certificate of its authority, where a part speaks TLS. */
  authority: join(folder, 'authority.pem'),
  /** Secrets of its parts, which the environment names. */
  secrets: join(folder, 'secrets'),
  /** A copy of PostgreSQL's programs, where one is needed. */
  programs: join(folder, 'postgresql'),
  servers: join(folder, 'servers'),
  /** A folder for each host that is reached by ssh. */
  hosts: join(folder, 'hosts'),
  /** A folder for each Redis server. */
  redis: join(folder, 'redis'),
  /** A small file system for each part that has one. */
  disks: join(folder, 'disks'),
  /** The bytes of S3's objects. */
  objects: join(folder, 'objects'),
});

/** Where an environment finds a secret of a part, or of the desk. */
export const secretFile = (folder: string, whose: string, member: string): string =>
  join(inFolder(folder).secrets, `${whose}-${member}`);

/** Where a part has its disk, where it has one of its own. */
export const diskOf = (folder: string, part: string): string => join(inFolder(folder).disks, part);

/** On whose account a world exists. */
export interface WorldLease extends JsonObject {
  /** The process that starts it: until the world is ready, it lives as long as this one. */
  readonly starter: number;
  /** A path of the run that it belongs to: when that is gone, so is the world. */
  readonly owner: string | null;
  /** The journal of that run: when it says that the run has ended, whoever wrote that may have died of it. */
  readonly journal: string | null;
  /** It lives as long as its starter, when it is ready too. */
  readonly endsWithStarter: boolean;
}

/** A new folder, in a place that other accounts can go through: the database servers may run as one. */
export async function makeWorldFolder(): Promise<string> {
  return await mkdtemp(join(await worldsRoot(), PREFIX));
}

/** By its name: an address is read from a file, and says what somebody wrote there. */
export const isWorldFolder = (folder: string): boolean => basename(folder).startsWith(PREFIX);

/** The folders of this user's worlds, whatever their state. */
export async function worldFolders(): Promise<readonly string[]> {
  const root = await worldsRoot();
  const names = (await readdir(root)).filter((name) => name.startsWith(PREFIX));
  const folders = names.map((name) => join(root, name));
  const own = await Promise.all(folders.map(isOwn));
  return folders.filter((_, index) => own[index] === true);
}

/** A file of JSON; undefined when it is missing or not (yet) an object. */
export async function readObject(path: string): Promise<JsonObject | undefined> {
  try {
    const json = JSON.parse(await readFile(path, 'utf8')) as JsonObject;
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

export async function writeObject(path: string, value: JsonObject): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

/**
 * Removes what a world that died left behind: its programs, its database servers, its disks, then its folder. The
 * servers are found by the pid files that PostgreSQL keeps in their data folders.
 */
export async function removeRemains(folder: string): Promise<void> {
  const { servers } = inFolder(folder);
  const names = await readdir(servers).catch(() => []);
  await Promise.all([
    endStarted(folder),
    endMarked(folder),
    ...names.map((name) => endServer(join(servers, name, 'data'))),
  ]);
  await unmountIn(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** SIGQUIT is PostgreSQL's immediate shutdown, which takes the pid file and the shared memory with it. */
async function endServer(data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const pid = await readFile(pidFile, 'utf8').catch(() => '');
  await end(Number(pid.split('\n')[0]), data, [
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ]);
  const left = await readFile(pidFile, 'utf8').catch(() => '');
  const segment = left.split('\n')[SHARED_MEMORY_LINE]?.trim().split(/\s+/)[1];
  // The server was killed by somebody and could not do so itself. Without ipcrm its 56 bytes stay until the next boot.
  if (segment !== undefined) await promisify(execFile)('ipcrm', ['-m', segment]).catch(() => undefined);
}

async function isOwn(folder: string): Promise<boolean> {
  const uid = await stat(folder).then(
    (found) => found.uid,
    () => undefined,
  );
  return uid !== undefined && (process.getuid === undefined || uid === process.getuid());
}

/** The folder for temporary files; for root, the first that other accounts can go through. */
async function worldsRoot(): Promise<string> {
  const preferred = await realpath(tmpdir());
  if (process.getuid?.() !== 0) return preferred;
  for (const root of [preferred, '/var/tmp', '/tmp']) {
    if (await isOpenToAll(root)) return root;
  }
  return preferred;
}

async function isOpenToAll(path: string): Promise<boolean> {
  const { mode } = await stat(path).catch(() => ({ mode: 0 }));
  if ((mode & 0o001) === 0) return false;
  const parent = dirname(path);
  return parent === path || (await isOpenToAll(parent));
}
