import { Link } from '../../journal/postgres/link.ts';
import { PostgresStore } from '../../journal/postgres/postgres-store.ts';
import type { PostgresStoreOptions } from '../../journal/postgres/postgres-store.ts';
import { systemIdentifierOf } from '../../journal/postgres/status.ts';
import { SCHEMA, tablesIn } from '../../journal/postgres/tables.ts';
import { plainDatabase } from '../../kinds/postgres/client/plain.ts';
import type { PlainDatabase } from '../../kinds/postgres/client/plain.ts';
import { StepError } from '../../model/kind.ts';
import { CommandError, EXIT } from '../exit.ts';

/** A store in a database. Its password is never written: the redactor knows it. */
export function openDatabaseStore(url: string, options: PostgresStoreOptions): PostgresStore {
  const { password, ...database } = databaseAt(url);
  if (password !== undefined) options.redactor.add(password);
  return new PostgresStore(database, options);
}

/** Which server a store is on: its number, where this account may ask for it, and its host as the address has it. */
export async function serverOf(
  url: string,
): Promise<{ readonly systemIdentifier: string | undefined; readonly host: string }> {
  const database = databaseAt(url);
  const link = new Link(database, tablesIn(SCHEMA));
  try {
    return { systemIdentifier: await systemIdentifierOf(link), host: database.host };
  } finally {
    await link.close();
  }
}

/** The database of an address. What is wrong with it is said without a part of it. */
export function databaseAt(url: string): PlainDatabase {
  try {
    return plainDatabase(url);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    throw new CommandError(`the address of the store: ${error.message}`, {
      exitCode: EXIT.invalid,
      hint: error.hint,
    });
  }
}
