import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEBIAN_POSTGRES, PROGRAMS, postgresFolders } from '../../../base/programs.ts';
import { StepError } from '../../../model/kind.ts';

const run = promisify(execFile);

/** PostgreSQL's client programs of one version. */
export interface ClientTools {
  readonly folder: string;
  readonly dump: string;
  readonly restore: string;
  /** Beside the others in every package; looked for when it is started. */
  readonly psql: string;
  /** `15.18`. */
  readonly version: string;
  readonly major: number;
}

/**
 * Finds pg_dump and pg_restore whose major version is at least `major`: an older pg_dump refuses the
 * server, an older pg_restore cannot read the dump. The folder that PG_BINDIR names goes first; among the
 * others the nearest version counts, because a newer one writes settings that an older server does not
 * know. `what` needs them, and is named where there are none. Throws `StepError` that says what to install.
 */
export async function findClientTools(
  major: number,
  what: string,
  folders: readonly string[] | Promise<readonly string[]> = postgresFolders(),
): Promise<ClientTools> {
  const chosen = process.env['PG_BINDIR'] ?? '';
  const own = chosen === '' ? undefined : await inspect(chosen);
  if (own !== undefined && own.major >= major) return own;
  const others = (await folders).filter((folder) => folder !== chosen);
  const found = await Promise.all(others.map(inspect));
  const all = [own, ...found].filter((tools) => tools !== undefined);
  const nearest = all.filter((tools) => tools.major >= major).sort((a, b) => a.major - b.major)[0];
  if (nearest !== undefined) return nearest;
  throw all.length === 0 ? missing(major) : tooOld(major, what, all);
}

async function inspect(folder: string): Promise<ClientTools | undefined> {
  const dump = join(folder, 'pg_dump');
  const restore = join(folder, 'pg_restore');
  try {
    await Promise.all([access(dump, constants.X_OK), access(restore, constants.X_OK)]);
    const { stdout } = await run(dump, ['--version'], { timeout: 10_000 });
    const version = / (\d+[\w.]*)/.exec(stdout)?.[1];
    return version === undefined
      ? undefined
      : { folder, dump, restore, psql: join(folder, 'psql'), version, major: Number.parseInt(version, 10) };
  } catch {
    return undefined;
  }
}

const install = (major: number): string => {
  const { debian, brew } = PROGRAMS.pg_dump;
  return (
    `Install the client tools of PostgreSQL ${major} or later: "apt install ${debian}-${major}" on Debian and Ubuntu, ` +
    `"brew install ${brew}" on macOS; or set PG_BINDIR to the folder that holds them.`
  );
};

const missing = (major: number): StepError =>
  new StepError(
    `there is no pg_dump and pg_restore on this machine: looked in PG_BINDIR, PATH and ${DEBIAN_POSTGRES}/*/bin`,
    { code: 'clientToolsMissing', hint: install(major) },
  );

function tooOld(major: number, what: string, found: readonly ClientTools[]): StepError {
  const versions = [...new Set(found.map(({ version }) => version))].join(', ');
  return new StepError(
    `${what} needs pg_dump and pg_restore of PostgreSQL ${major} or later; those here are of ${versions}`,
    {
      code: 'clientToolsTooOld',
      hint: install(major),
      details: { found: found.map(({ folder, version }) => ({ folder, version })) },
    },
  );
}
