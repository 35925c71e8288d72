import { text } from '../../context/members.ts';
import { quoteIdentifier, quoteTable } from '../client/identifiers.ts';
import { quoteLiteral } from '../client/literals.ts';
import type { TableName } from '../client/server.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/**
 * Moves the sequences behind a table's columns past the largest value there is, never back. A sequence does not
 * return with a rollback: then it has skipped numbers, which is harmless.
 */
export async function advanceSequences(session: Session, table: TableName): Promise<void> {
  for (const statement of await sequenceAdvances(session, table)) await session.command(statement);
}

/** The statements that do so, for whoever runs them in another session. */
export async function sequenceAdvances(session: Session, table: TableName): Promise<readonly string[]> {
  const quoted = quoteTable(table);
  const owned = await rowsOf(
    session,
    `select a.attname::text as column, pg_get_serial_sequence($1, a.attname) as sequence
     from pg_attribute a join pg_sequence s on s.seqrelid = pg_get_serial_sequence($1, a.attname)::regclass
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and s.seqincrement > 0`,
    [quoted],
  );
  return owned.map((row) => {
    const sequence = text(row, 'sequence');
    return `select pg_catalog.setval(${quoteLiteral(sequence)}, m.largest)
      from (select max(${quoteIdentifier(text(row, 'column'))}) as largest from ${quoted}) m
      where m.largest > (select case when is_called then last_value else last_value - 1 end from ${sequence})`;
  });
}
