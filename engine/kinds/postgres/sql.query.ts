import type { StepContext, StepKind } from '../../model/kind.ts';
import { during, pause } from '../context/activity.ts';
import { psql } from './client/by-hand.ts';
import { openDatabase } from './client/connection.ts';
import { isConnectionLost } from './client/errors.ts';
import { placeIdentifiers } from './client/identifiers.ts';
import { readRows } from './client/reading.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['sql.query'];
type Result = Output['sql.query'];

const MAX_ROWS = 1000;
/** A server that restarts is back in about that time; a longer absence is for `until` and `retry`. */
const RECONNECT_AFTER_MS = 1000;

/** Reads rows, in a transaction that sees one state of the database and cannot write. */
export const sqlQuery: StepKind<Args, Result> = {
  name: 'sql.query',
  outputs: ['rows'],
  effect: () => 'read',
  describe: (args) => `Query the database ${nameOf(args.database)}`,
  byHand: (args, environment) =>
    psql({
      environment,
      target: args.database,
      text: args.query,
      params: args.params ?? [],
      identifiers: args.identifiers ?? {},
      readOnly: true,
    }),
  targets: (args) => [targetUse('databases', args.database, 'read')],
  async run(args, context) {
    try {
      return await query(args, context);
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      const reason = `The connection to ${nameOf(args.database)} was lost; connecting again`;
      context.log(reason);
      return during(context, { class: 'retry', reason }, async () => {
        await pause(context, RECONNECT_AFTER_MS);
        return query(args, context);
      });
    }
  },
};

async function query(args: Args, context: StepContext): Promise<Result> {
  const statement = placeIdentifiers(args.query, args.identifiers ?? {});
  const session = await openDatabase(args.database, context);
  try {
    const maxRows = args.maxRows ?? MAX_ROWS;
    const { rows } = await readRows(session, statement, args.params ?? [], maxRows);
    return { rows, count: rows.length };
  } finally {
    await session.close();
  }
}
