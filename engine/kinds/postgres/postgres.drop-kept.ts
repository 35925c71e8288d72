import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { dropDatabase } from './archive/drop-database.ts';
import { namesThere } from './archive/names.ts';
import { reach } from './archive/swap.ts';
import { openDatabase } from './client/connection.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';

type Args = With['postgres.drop-kept'];
type Result = Output['postgres.drop-kept'];

/** The names that steps give to databases begin so. */
const OWN = /^drillbook-/;

/** Drops for good what `postgres.restore` or `postgres.put-back` has kept. No other database can be meant. */
export const postgresDropKept: StepKind<Args, Result> = {
  name: 'postgres.drop-kept',
  effect: () => 'destructive',
  describe: (args) => `Drop what was kept of ${nameOf(args.database)}: ${args.kept ?? 'nothing'}`,
  byHand: (args, environment) =>
    `dropdb --maintenance-db="${databaseInShell(args.database, environment)}" --force "${args.kept ?? '…'}"`,
  targets: (args) => [targetUse('databases', args.database, 'destructive')],
  async run({ database, kept }, context) {
    if (kept === null) return { dropped: false };
    const session = await openDatabase(database, context);
    try {
      if (!OWN.test(kept) || kept === session.address.database) {
        throw new StepError(`${kept} is no database that a step of drillbook has kept`, { code: 'usage' });
      }
      if (!(await namesThere(session, [kept])).has(kept)) return { dropped: false };
      await dropDatabase(session, kept, () => reach(database, context, kept));
      return { dropped: true };
    } finally {
      await session.close();
    }
  },
  async reconcile({ database, kept }, context) {
    if (kept === null) return { verdict: 'notHappened' };
    const session = await openDatabase(database, context);
    try {
      return (await namesThere(session, [kept])).has(kept)
        ? { verdict: 'notHappened' }
        : { verdict: 'happened', output: { dropped: true } };
    } finally {
      await session.close();
    }
  },
};
