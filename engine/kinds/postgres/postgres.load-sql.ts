import { isJsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { quote } from '../context/quote.ts';
import { placeInRun } from '../machine/run-files.ts';
import { nameOf, targetUse } from '../context/target.ts';
import { dumpsAt, formOf } from './archive/found-dump.ts';
import { contentsOf } from './archive/inventory.ts';
import { findClientTools } from './client/client-tools.ts';
import { openDatabase } from './client/connection.ts';
import { libpqEnvironment } from './client/libpq.ts';
import { allTables, rowsOf, serverFacts, tableText } from './client/server.ts';
import type { Session } from './client/session.ts';
import { wasCommitted } from './client/transaction.ts';
import { loadScript } from './script/load-script.ts';
import type { LoadedScript } from './script/load-script.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';
import { fromFolder } from '../machine/place.ts';

type Args = With['postgres.load-sql'];
type Result = Output['postgres.load-sql'];

/** Loads a dump of plain SQL, by psql and in one transaction, into a database that holds nothing. */
export const postgresLoadSql: StepKind<Args, Result> = {
  name: 'postgres.load-sql',
  effect: () => 'write',
  describe: (args) => `Load ${args.from} into the empty database ${nameOf(args.to)}`,
  byHand: (args, environment, folder) =>
    `psql "${databaseInShell(args.to, environment)}" --single-transaction --set=ON_ERROR_STOP=1 --file=${quote(fromFolder(args.from, folder))}`,
  // psql comes with it.
  programs: () => ['pg_restore'],
  targets: (args) => [targetUse('databases', args.to, 'write')],

  async run(args, context) {
    const path = placeInRun(context, args.from, '');
    const [dump] = await dumpsAt(path, undefined);
    const form = dump === undefined ? undefined : await formOf(dump);
    if (form?.format !== 'plain') {
      throw new StepError(`${path} is no dump of plain SQL`, {
        code: 'notADump',
        hint: 'postgres.restore restores dumps in custom, directory and tar format.',
      });
    }
    const session = await openDatabase(args.to, context);
    try {
      const [found] = await contentsOf(session);
      if (found !== undefined) throw notEmpty(session, `the ${found.type} ${found.identity}`);
      const { major } = await serverFacts(session);
      const tools = await findClientTools(major, nameOf(args.to));
      const env = libpqEnvironment(session.address, {
        name: context.resourceName(),
        clientMajor: tools.major,
      });
      const loaded = await loadScript(
        { path, compressed: form.compressed },
        { file: tools.psql, env },
        context,
      );
      await session.run('analyze', [], { maxRows: 0, writes: false });
      return await resultOf(args, session, loaded);
    } finally {
      await session.close();
    }
  },

  async reconcile(args, context) {
    const session = await openDatabase(args.to, context);
    try {
      const id = transactionOf(context);
      const hint = 'Look whether the database holds what is in the dump.';
      if (id === undefined || !(await wasCommitted(session, id, context, hint))) {
        return { verdict: 'notHappened' };
      }
      // What was said of it went with the life that heard it.
      return { verdict: 'happened', output: await resultOf(args, session, { warnings: [], leftOut: 0 }) };
    } finally {
      await session.close();
    }
  },
};

function transactionOf({ checkpoint }: StepContext): string | undefined {
  if (!isJsonObject(checkpoint) || typeof checkpoint['transaction'] !== 'string') return undefined;
  return checkpoint['transaction'];
}

const notEmpty = (session: Session, found: string): StepError =>
  new StepError(`${session.place} is not empty: it holds ${found}`, {
    code: 'notEmpty',
    hint: 'Load it into an empty database.',
  });

async function resultOf(args: Args, session: Session, { warnings, leftOut }: LoadedScript): Promise<Result> {
  const [size] = await rowsOf(session, 'select pg_database_size(current_database()) as bytes');
  return {
    from: args.from,
    tables: (await allTables(session)).map(tableText),
    bytes: Number(size?.['bytes'] ?? 0),
    warnings: [...warnings],
    leftOut,
  };
}
