import { isJsonObject } from '../../../base/json.ts';
import { offlineEnvironment } from '../client/libpq.ts';
import type { Psql } from '../client/psql.ts';
import { startPsql } from '../client/psql.ts';
import { wasCommitted } from '../client/transaction.ts';
import { tellGrowth } from './growth.ts';
import { clientEnvironment } from './load-archive.ts';
import type { Prepared, Restoring } from './plan.ts';

const PSQL = ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1'];
const TRANSACTION = 'drillbook: transaction ';

/** The transaction that a load is done in. */
export interface LoadTransaction {
  readonly psql: Psql;
  /** Has pg_restore write what the list names, and psql run it. */
  readonly feed: (argv: readonly string[]) => Promise<void>;
}

/**
 * Runs a load in one transaction of psql: until it is committed, everybody else sees the old contents, and whatever
 * goes wrong leaves them.
 */
export async function loadInTransaction(
  restoring: Restoring,
  prepared: Pick<Prepared, 'listFile' | 'settings'>,
  load: (transaction: LoadTransaction) => Promise<void>,
): Promise<void> {
  const { from, session, tools, context } = restoring;
  context.log('in one transaction: until it is committed, what is there stays');
  const psql = await startPsql({
    file: tools.psql,
    argv: PSQL,
    env: clientEnvironment(restoring, prepared.settings),
    signal: context.signal,
  });
  const over = new AbortController();
  void tellGrowth(session, context, over.signal);
  const feed = (argv: readonly string[]): Promise<void> =>
    psql.sendOutputOf({
      file: tools.restore,
      argv: [
        ...argv.filter((option) => option !== '--exit-on-error'),
        `--use-list=${prepared.listFile}`,
        '--file=-',
        from,
      ],
      env: offlineEnvironment(),
      name: 'pg_restore',
    });
  try {
    // The commit waits for the disk, whatever the settings of the sessions say.
    await psql.send('begin;\nset local synchronous_commit = on;\n');
    await load({ psql, feed });
    await psql.send(`select pg_current_xact_id() as id \\gset\n\\warn ${TRANSACTION}:id\n`);
    const numbers = (await psql.reached()).flatMap((line) =>
      line.startsWith(TRANSACTION) ? line.slice(TRANSACTION.length) : [],
    );
    // A later life asks by it whether the commit, which comes next, was the last thing that happened.
    await context.saveCheckpoint({ transaction: numbers[0] ?? '' });
    await psql.send('commit;\n');
    await psql.end();
  } finally {
    psql.kill();
    over.abort();
  }
}

/** Whether a former life of the step had got as far as that, and its commit came through. */
export async function committedBefore({ session, context }: Restoring): Promise<boolean> {
  const { checkpoint } = context;
  if (!isJsonObject(checkpoint) || typeof checkpoint['transaction'] !== 'string') return false;
  const hint = 'Look whether the database holds what is in the dump.';
  return wasCommitted(session, checkpoint['transaction'], context, hint);
}
