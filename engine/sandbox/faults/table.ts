import type { Client } from 'pg';
import { Instant } from '../../base/instant.ts';
import type { FaultDatabases } from './fault.ts';
import { micros } from '../postgres/client.ts';
import type { BreakableDatabase } from '../postgres/breakable.ts';

/** The database of a fault, by its name in the environment. */
export function databaseOf(world: FaultDatabases, name: string, fault: string): BreakableDatabase {
  const database = world.databases.get(name);
  if (database === undefined) throw new Error(`${fault}: there is no database ${name}`);
  return database;
}

/** A table's name for SQL. */
export async function quotedTable(client: Client, table: string, fault: string): Promise<string> {
  const { rows } = await client.query<{ name: string | null }>('select to_regclass($1)::text as name', [
    table,
  ]);
  const name = rows[0]?.name;
  if (typeof name !== 'string') throw new Error(`${fault}: there is no table ${table}`);
  return name;
}

/** Now, by the database's clock. */
export async function clock(client: Client): Promise<Instant> {
  const { rows } = await client.query<{ at: string }>(`select ${micros('clock_timestamp()')} as at`);
  return new Instant(Number(rows[0]?.at));
}
