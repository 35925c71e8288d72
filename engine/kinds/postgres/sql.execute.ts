import type { StepKind } from '../../model/kind.ts';
import { list, map, optionalMap, text } from '../context/args.ts';
import { psql } from './client/by-hand.ts';
import { openDatabase } from './client/connection.ts';
import { placeIdentifiers } from './client/identifiers.ts';
import { readRows } from './client/reading.ts';
import { nameOf, targetUse } from '../context/target.ts';

const ALL = Number.MAX_SAFE_INTEGER;

/**
 * Runs one statement that may change anything: its step says what it does, else it is treated
 * as destructive. Said only to read, it is asked as sql.query asks. PostgreSQL takes a statement that fails back as a whole.
 */
export const sqlExecute: StepKind = {
  name: 'sql.execute',
  outputs: ['rowCount'],
  effect: () => 'unknown',
  asReading: () => 'held',
  describe: (args) => `Execute a statement on the database ${nameOf(args['database'])}`,
  byHand: (args) =>
    psql({
      target: map(args, 'database'),
      text: text(args, 'statement'),
      params: list(args, 'params'),
      identifiers: optionalMap(args, 'identifiers') ?? {},
      readOnly: false,
    }),
  targets: (args) => [targetUse('databases', map(args, 'database'), 'unknown')],
  async run(args, context) {
    const statement = placeIdentifiers(text(args, 'statement'), optionalMap(args, 'identifiers') ?? {});
    const session = await openDatabase(map(args, 'database'), context);
    try {
      const params = list(args, 'params');
      const { rowCount } = context.onlyReads
        ? await readRows(session, statement, params, ALL)
        : await session.run(statement, params, { maxRows: ALL, writes: true });
      return { rowCount };
    } finally {
      await session.close();
    }
  },
};
