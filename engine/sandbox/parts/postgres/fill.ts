import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Client, DatabaseError } from 'pg';
import { Duration } from '../../../base/duration.ts';
import type { JsonObject } from '../../../base/json.ts';
import { listOf } from '../../../base/json.ts';
import { howToInstall } from '../../../base/programs.ts';
import { asText, messageOf } from '../../ground/text.ts';
import type { AgedBackups } from '../../postgres/aged-backups.ts';
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
  /** Variables of a command that fills it. */
  readonly env?: Readonly<Record<string, string>>;
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
    const { pathname } = new URL(filled.url);
    const options = ['--no-owner', '--no-privileges', '--exit-on-error', '--dbname', pathname.slice(1)];
    await run([restore, ...options, file], filled, context);
    return;
  }
  await fillBySql(content.toString('utf8'), seed, filled, context);
}

/**
 * Fills a database as time would have: its SQL is run for the time up to each age, the oldest first, and at last for the
 * time until now. After each but the last what there is is kept, as how it was then.
 */
export async function fillByHistory(
  history: JsonObject,
  earlier: AgedBackups,
  { url }: Filled,
  context: PartContext,
): Promise<void> {
  const file = asText(history['sql']) ?? '';
  const text = await readFile(resolve(context.folder, file), 'utf8');
  const ages = listOf(history['ages']).map((age) => Duration.parse(asText(age) ?? '')?.millis ?? 0);
  const now = Date.now();
  await withConnection(url, async (client) => {
    let since = '-infinity';
    for (const ageMs of [...ages.sort((one, other) => other - one), 0]) {
      const until = new Date(now - ageMs).toISOString();
      await client.query(STRETCH, [new Date(now).toISOString(), since, until]);
      await runSql(client, text, file, context);
      since = until;
      if (ageMs > 0) await earlier.keep(ageMs);
    }
  });
}

/** What the SQL of a history is told: the moment that the world takes for now, and of which stretch of time it is asked. */
const STRETCH = `
  select set_config('history.now', $1, false), set_config('history.since', $2, false),
         set_config('history.until', $3, false)`;

async function fillBySql(text: string, seed: string, { url }: Filled, context: PartContext): Promise<void> {
  await withConnection(url, (client) => runSql(client, text, seed, context));
}

async function runSql(client: Client, text: string, seed: string, { id }: PartContext): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    const offset = Number((error as DatabaseError).position);
    const line = Number.isInteger(offset) ? text.slice(0, offset - 1).split('\n').length : undefined;
    const place = line === undefined ? seed : `${seed}:${String(line)}`;
    throw new Error(`the part ${id} could not be filled: ${place}: ${messageOf(error)}`, { cause: error });
  }
}

/** Runs a command that fills a database. Rejects, with the last that it printed, when it does not end well. */
export async function run(
  command: readonly string[],
  { url, env }: Filled,
  context: PartContext,
): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const libpq = { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password };
  const given = { ...env, DATABASE_URL: url, ...libpq, PGDATABASE: pathname.slice(1) };
  await runFilling(command, given, context);
}
