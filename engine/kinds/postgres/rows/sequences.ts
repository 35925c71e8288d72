import { text } from '../../context/members.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import type { TableShape } from './shape.ts';

/**
 * Moves the sequences behind a table's columns past the largest value there is, never back. A sequence does not
 * return with a rollback: then it has skipped numbers, which is harmless.
 */
export async function advanceSequences(session: Session, shape: TableShape): Promise<void> {
  const owned = await rowsOf(
    session,
    `select a.attname::text as column, pg_get_serial_sequence($1, a.attname) as sequence
     from pg_attribute a join pg_sequence s on s.seqrelid = pg_get_serial_sequence($1, a.attname)::regclass
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and s.seqincrement > 0`,
    [shape.quoted],
  );
  for (const row of owned) {
    const sequence = text(row, 'sequence');
    await rowsOf(
      session,
      `select setval($1::regclass, m.largest) from (select max(${quoteIdentifier(text(row, 'column'))}) as largest from ${shape.quoted}) m
       where m.largest > (select case when is_called then last_value else last_value - 1 end from ${sequence})`,
      [sequence],
    );
  }
}
