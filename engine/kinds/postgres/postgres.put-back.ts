import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { databaseName, namesThere } from './archive/names.ts';
import { swapNames } from './archive/swap.ts';
import { openDatabase } from './client/connection.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['postgres.put-back'];
type Result = Output['postgres.put-back'];

/** Gives back what `postgres.restore` set aside: the names are swapped again, and what was restored is kept in its turn. */
export const postgresPutBack: StepKind<Args, Result> = {
  name: 'postgres.put-back',
  effect: () => 'destructive',
  describe: (args) => `Put back what was in ${nameOf(args.database)} before the restore`,
  byHand: (args) =>
    `psql "$POSTGRES_URL" -c 'alter database "…" rename to "…-replaced"' -c 'alter database "${args.kept ?? '…'}" rename to "…"'`,
  targets: (args) => [targetUse('databases', args.database, 'destructive')],
  async run(args, context) {
    const away = awayOf(context);
    const state = await stateOf(args, context);
    if (state.isDone) return { kept: away };
    if (args.kept === null || !state.isThere) {
      throw new StepError(`there is no database ${args.kept ?? ''} that could be put back`, {
        code: 'nothingKept',
        hint: 'It was restored in one transaction, or what was kept has been dropped.',
      });
    }
    await swapNames({
      target: args.database,
      context,
      current: state.database,
      away,
      next: args.kept,
      hint: 'Then another try swaps the names.',
    });
    return { kept: away };
  },
  async reconcile(args, context) {
    const { isDone } = await stateOf(args, context);
    return isDone ? { verdict: 'happened', output: { kept: awayOf(context) } } : { verdict: 'notHappened' };
  },
};

const awayOf = (context: StepContext): string => databaseName(context.resourceName('replaced'));

/** The swap is one transaction: once the one name is there, the other is gone. */
async function stateOf(
  { database, kept }: Args,
  context: StepContext,
): Promise<{ readonly database: string; readonly isDone: boolean; readonly isThere: boolean }> {
  const session = await openDatabase(database, context);
  try {
    const there = await namesThere(session, [kept ?? '', awayOf(context)]);
    const isThere = there.has(kept ?? '');
    return { database: session.address.database, isThere, isDone: !isThere && there.has(awayOf(context)) };
  } finally {
    await session.close();
  }
}
