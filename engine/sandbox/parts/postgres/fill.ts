import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DatabaseError } from 'pg';
import { howToInstall } from '../../../base/programs.ts';
import { messageOf } from '../../ground/text.ts';
import { withConnection } from '../../postgres/client.ts';
import { findClientProgram } from '../../postgres/client-programs.ts';
import { runFilling } from '../filling.ts';
import type { PartContext } from '../part.ts';

/** What a dump of pg_dump's own format begins with. */
const DUMP = 'PGDMP';

/** The database to be filled, by the role that owns it. */
export interface Filled {
  readonly url: string;
  /** Of its server: 15. */
  readonly major: number;
}

/** Fills a database from a file: SQL, or a dump. Rejects in words, with the line where it is known. */
export async function fillFrom(seed: string, filled: Filled, context: PartContext): Promise<void> {
  const file = resolve(context.folder, seed);
  const content = await readFile(file);
  if (content.subarray(0, DUMP.length).toString('latin1') === DUMP) {
    const restore = await findClientProgram('pg_restore', filled.major);
    if (restore === undefined) {
      throw new Error(
        `the part ${context.id} is filled from a dump, and this machine has no pg_restore for PostgreSQL ${String(filled.major)}: ${howToInstall('pg_restore')}`,
      );
    }
    const options = ['--no-owner', '--no-privileges', '--exit-on-error', '--dbname', 'app'];
    await run([restore, ...options, file], filled, context);
    return;
  }
  await fillBySql(content.toString('utf8'), seed, filled, context);
}

async function fillBySql(text: string, seed: string, { url }: Filled, { id }: PartContext): Promise<void> {
  try {
    await withConnection(url, (client) => client.query(text));
  } catch (error) {
    const offset = Number((error as DatabaseError).position);
    const line = Number.isInteger(offset) ? text.slice(0, offset - 1).split('\n').length : undefined;
    const place = line === undefined ? seed : `${seed}:${String(line)}`;
    throw new Error(`the part ${id} could not be filled: ${place}: ${messageOf(error)}`, { cause: error });
  }
}

/** Runs a command that fills a database. Rejects, with the last that it printed, when it does not end well. */
export async function run(command: readonly string[], { url }: Filled, context: PartContext): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const libpq = { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password };
  await runFilling(command, { DATABASE_URL: url, ...libpq, PGDATABASE: pathname.slice(1) }, context);
}
