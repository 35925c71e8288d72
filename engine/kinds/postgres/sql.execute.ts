import type { StepKind } from '../../model/kind.ts';
import { psql } from './client/by-hand.ts';
import { openDatabase } from './client/connection.ts';
import { placeIdentifiers } from './client/identifiers.ts';
import { readRows } from './client/reading.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

const ALL = Number.MAX_SAFE_INTEGER;

/**
 * Runs one statement that may change anything: its step says what it does, else it is treated
 * as destructive. Said only to read, it is asked as sql.query asks. PostgreSQL takes a statement that fails back as a whole.
 */
export const sqlExecute: StepKind<With['sql.execute'], Output['sql.execute']> = {
  name: 'sql.execute',
  outputs: ['rowCount'],
  effect: () => 'unknown',
  asReading: () => 'held',
  describe: (args) => `Execute a statement on the database ${nameOf(args.database)}`,
  byHand: (args, environment) =>
    psql({
      environment,
      target: args.database,
      text: args.statement,
      params: args.params ?? [],
      identifiers: args.identifiers ?? {},
      readOnly: false,
    }),
  targets: (args) => [targetUse('databases', args.database, 'unknown')],
  async run(args, context) {
    const statement = placeIdentifiers(args.statement, args.identifiers ?? {});
    const session = await openDatabase(args.database, context);
    try {
      const params = args.params ?? [];
      const { rowCount } = context.onlyReads
        ? await readRows(session, statement, params, ALL)
        : await session.run(statement, params, { maxRows: ALL, writes: true });
      return { rowCount };
    } finally {
      await session.close();
    }
  },
};
