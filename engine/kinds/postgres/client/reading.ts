import type { Value } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { codeOf } from './literals.ts';
import type { Rows, Session } from './session.ts';

/** Only a query can stand behind these words: no COPY, COMMIT or SET, no second statement, no `with … insert`. */
const AS_A_CURSOR = 'declare asked no scroll cursor for ';

/**
 * Functions of PostgreSQL and of the extensions it comes with whose effect is not the transaction's: on other
 * sessions, on the server, on its files, on its log and its standbys, on another server.
 */
const ACTS_OUTSIDE = [
  /^dblink(?:_exec|_connect_u|_open|_send_query)?$/,
  /^pg_(?:cancel|terminate)_backend$/,
  /^pg_(?:reload_conf|rotate_logfile(?:_old)?|promote|switch_wal|create_restore_point)$/,
  /^pg_backup_(?:start|stop)$/,
  /^pg_wal_replay_(?:pause|resume)$/,
  /^pg_(?:create|copy|drop)_(?:physical_|logical_)?replication_slot$/,
  /^pg_(?:replication_slot_advance|logical_slot_get_(?:binary_)?changes|logical_emit_message)$/,
  /^pg_replication_origin_/,
  /^pg_stat_(?:reset|statements_reset)/,
  /^pg_file_(?:write|rename|unlink|sync)$/,
  /^lo_export$/,
];

/**
 * Asks an author's query in a transaction that cannot write and sees one state of the database. Throws `StepError`
 * for a text that is no query, and for a function that is known to act outside of the transaction.
 */
export async function readRows(
  session: Session,
  query: string,
  params: readonly Value[],
  maxRows: number,
): Promise<Rows> {
  refuseActing(query);
  await session.command('begin isolation level repeatable read read only');
  await mustBeQuery(session, query, params);
  // Asked as it is and not fetched from the cursor, which only one process of the server would read.
  const rows = await session.run(query, params, { maxRows, writes: false });
  await session.command('rollback');
  return rows;
}

async function mustBeQuery(session: Session, query: string, params: readonly Value[]): Promise<void> {
  try {
    await session.run(query, params, { before: AS_A_CURSOR, maxRows: 0, writes: false });
  } catch (error) {
    if (!(error instanceof StepError) || !isNoQuery(error, query)) throw error;
    throw new StepError(`only a query can be asked here: ${error.message}`, {
      code: error.code,
      hint: 'Give a select, values, table or with, and only one. What changes something is for sql.execute; instead of "show x" ask for current_setting(\'x\').',
      details: error.details,
      cause: error,
    });
  }
}

/** A text of another sort, or a `with` that writes; and not a slip in a query. */
const isNoQuery = ({ code, message }: StepError, query: string): boolean =>
  code === SYNTAX_ERROR
    ? !/^\s*(?:\(|(?:select|with|values|table)\b)/i.test(codeOf(query))
    : message.includes('DECLARE CURSOR');

const SYNTAX_ERROR = '42601';

/** Throws `StepError` for a text of an author's, to be asked where nothing can be written, that names such a function. */
export function refuseActing(query: string): void {
  for (const [, name = ''] of codeOf(query).matchAll(/([\p{L}_][\p{L}\p{N}_$]*)"?\s*\(/giu)) {
    if (!ACTS_OUTSIDE.some((known) => known.test(name.toLowerCase()))) continue;
    throw new StepError(`${name} acts outside of the transaction, so that a query with it is no reading`, {
      code: 'actsOutside',
      hint: 'Nothing was asked. If that is meant, use sql.execute, whose step says what it does.',
    });
  }
}
