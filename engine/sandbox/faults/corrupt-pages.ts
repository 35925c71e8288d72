import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultDatabases, Injection } from './fault.ts';
import { micros, withConnection } from '../postgres/client.ts';
import type { BreakableDatabase } from '../postgres/breakable.ts';
import { messageOf, asText } from '../ground/text.ts';

const PAGE_BYTES = 8192;

interface Table {
  /** Relative to the data folder. */
  readonly file: string;
  /** The last moment before the damage, by the database's clock. */
  readonly at: Instant;
}

/**
 * Overwrites heap pages in a table's file, as a failing disk does. A running server
 * would go on reading the pages from its memory, and could write them back over the
 * damage, so it is stopped, the bytes are overwritten, and it is started again.
 */
export const corruptPages: Fault<FaultDatabases> = { inject };

async function inject(args: ValueMap, world: FaultDatabases): Promise<Injection> {
  const name = asText(args['database']) ?? '';
  const table = asText(args['table']) ?? '';
  const database = world.databases.get(name);
  if (database === undefined) throw new Error(`postgres.corrupt-pages: there is no database ${name}`);
  const { file, at } = await locate(database, table);
  await database.server.stop();
  const damage = await overwrite(join(database.server.data, file), Number(args['share']));
  await database.server.start();
  const error = await readFailure(database, table);
  return {
    description: `${String(damage.pages)} of ${String(damage.total)} pages of the table ${table} in ${world.called} were overwritten`,
    output: { at, database: name, table, file, pages: damage.pages, totalPages: damage.total, error },
  };
}

async function locate(database: BreakableDatabase, table: string): Promise<Table> {
  return await withConnection(database.server.url(database.databaseName), async (client) => {
    const found = await client.query<{ file: string | null }>(
      'select pg_relation_filepath(to_regclass($1)) as file',
      [table],
    );
    const file = found.rows[0]?.file;
    if (typeof file !== 'string') throw new Error(`postgres.corrupt-pages: there is no table ${table}`);
    await client.query('checkpoint');
    return { file, at: await clock(client) };
  });
}

async function clock(client: Client): Promise<Instant> {
  const { rows } = await client.query<{ at: string }>(`select ${micros('clock_timestamp()')} as at`);
  return new Instant(Number(rows[0]?.at));
}

/**
 * Numbers of the pages that are overwritten, spread evenly over the file but for its newest tenth, as far as the share
 * allows. What was written in the seconds before the accident is in no backup yet: whether a row of these, and all that
 * leads to it, is lost would hang on how busy the machine is.
 */
export function pagesToOverwrite(total: number, share: number): readonly number[] {
  const pages = Math.max(1, Math.round(total * share));
  const over = Math.max(pages, Math.floor(total * 0.9));
  return Array.from({ length: pages }, (_, index) => Math.floor((index * over) / pages));
}

/** Random bytes: a page of zeros is a valid, empty page. */
async function overwrite(path: string, share: number): Promise<{ pages: number; total: number }> {
  const file = await open(path, 'r+');
  try {
    const total = Math.floor((await file.stat()).size / PAGE_BYTES);
    if (total === 0) throw new Error('postgres.corrupt-pages: the table has no pages');
    const pages = pagesToOverwrite(total, share);
    for (const page of pages) await file.write(randomBytes(PAGE_BYTES), 0, PAGE_BYTES, page * PAGE_BYTES);
    return { pages: pages.length, total };
  } finally {
    await file.close();
  }
}

/** What a reader of the whole table is told now. The damage is real only when somebody is told. */
async function readFailure(database: BreakableDatabase, table: string): Promise<string> {
  return await withConnection(database.server.url(database.databaseName), async (client) => {
    // Otherwise a count may be answered from an index, without reading a page of the table.
    await client.query(
      'set enable_indexonlyscan = off; set enable_indexscan = off; set enable_bitmapscan = off',
    );
    const quoted = table.split('.').map((part) => client.escapeIdentifier(part));
    try {
      await client.query(`select count(*) from ${quoted.join('.')}`);
    } catch (error) {
      return messageOf(error);
    }
    throw new Error(`postgres.corrupt-pages: the table ${table} can still be read`);
  });
}
