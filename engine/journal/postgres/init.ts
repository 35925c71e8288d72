import { StepError } from '../../model/kind.ts';
import type { Connection, Database } from './link.ts';
import { guarded } from './link.ts';
import { SCHEMA, additionsTo, definitionOf, grantsOf, queueGrantsOf, rolesOf, tablesIn } from './tables.ts';

export interface Initialised {
  /** False when there was a store already. */
  readonly made: boolean;
  readonly reader: string;
  readonly writer: string;
  readonly worker: string;
  /** Statements for somebody who may make roles, where this account may not; then `init` once more. */
  readonly todo: readonly string[];
}

/**
 * Makes the tables of a store and the roles of those who use it, or brings those of an earlier version up to date. Does
 * nothing more when it is done twice.
 */
export function initStore(database: Database, schema = SCHEMA): Promise<Initialised> {
  return guarded(`a store cannot be made in ${database.place}`, async () => {
    const t = tablesIn(schema);
    const connection = await database.connect();
    try {
      const [row] = await connection.query('select to_regclass($1) is null as is_new', [t.store]);
      const made = row?.['is_new'] === true;
      // Several statements that are sent as one are one transaction.
      await connection.script(made ? definitionOf(t) : additionsTo(t));
      const roles = rolesOf(t);
      const missing: string[] = [];
      for (const role of [roles.reader, roles.writer, roles.worker])
        if (!(await hasRole(connection, role))) missing.push(role);
      if (missing.length === 0) await connection.script(grantsOf(t));
      return { made, ...roles, todo: missing.map(creation) };
    } finally {
      await connection.close();
    }
  });
}

/** Who may do what in the tables of the queue, once its engine has made them. */
export function grantQueue(database: Database, schema = SCHEMA): Promise<void> {
  return guarded(`the queue in ${database.place} cannot be opened to its users`, async () => {
    const connection = await database.connect();
    try {
      await connection.script(queueGrantsOf(tablesIn(schema)));
    } finally {
      await connection.close();
    }
  });
}

const creation = (role: string): string => `create role ${role} nologin`;

/** Makes the role where there is none; false where this account may not. */
async function hasRole(connection: Connection, role: string): Promise<boolean> {
  const [row] = await connection.query('select 1 from pg_roles where rolname = $1', [role]);
  if (row !== undefined) return true;
  try {
    await connection.script(creation(role));
    return true;
  } catch (error) {
    if (error instanceof StepError && error.code === '42501') return false;
    throw error;
  }
}
