import { isJsonObject } from '../../../base/json.ts';
import { StepError } from '../../../model/kind.ts';
import { programError } from '../client/program.ts';
import type { Psql } from '../client/psql.ts';
import { startPsql } from '../client/psql.ts';
import { rowsOf } from '../client/server.ts';
import { wasCommitted } from '../client/transaction.ts';
import { tellGrowth } from './growth.ts';
import { dropStatement, inventoryOf } from './inventory.ts';
import { endFormerSessions, gatherStatistics } from './load.ts';
import { BEFORE_ROWS, clientEnvironment, FROM_ROWS_ON } from './load-archive.ts';
import type { Prepared, Restored, Restoring } from './plan.ts';
import { describeRestored, prepare } from './plan.ts';
import { dropTable, thoseThere } from './restore-marker.ts';

const PSQL = ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1'];
/** Of the server's table of locks: others need some, too. */
const SHARE_OF_LOCKS = 0.9;
const TRANSACTION = 'drillbook: transaction ';

/**
 * Drops what is there and loads the dump in one transaction: until it is committed, everybody else sees the old
 * contents, and whatever goes wrong leaves them. One session does it all, and what is there is locked meanwhile.
 */
export async function replaceInTransaction(restoring: Restoring, listFile: string): Promise<Restored> {
  const { session, context } = restoring;
  const prepared = await prepare(restoring, listFile, true);
  if (!(await committedBefore(restoring))) {
    await endFormerSessions(restoring, session.address.database);
    await demandLocks(restoring, prepared);
    await replace(restoring, prepared, await dropsOf(restoring));
  }
  const after = await restoring.reopen(context);
  try {
    await gatherStatistics(after, restoring);
    return await describeRestored(after, restoring, prepared.entries);
  } finally {
    await after.close();
  }
}

async function committedBefore({ session, context }: Restoring): Promise<boolean> {
  const { checkpoint } = context;
  if (!isJsonObject(checkpoint) || typeof checkpoint['transaction'] !== 'string') return false;
  const hint = 'Look whether the database holds what is in the dump.';
  return wasCommitted(session, checkpoint['transaction'], context, hint);
}

async function dropsOf({ session, tables }: Restoring): Promise<readonly string[]> {
  if (tables.length > 0) return (await thoseThere(session, tables)).map(dropTable);
  const objects = await inventoryOf(session);
  return objects.length === 0 ? [] : [dropStatement(objects)];
}

/** Every object that is dropped or made is locked until the end, and the server has room for so many locks only. */
async function demandLocks({ session, tables }: Restoring, { entries }: Prepared): Promise<void> {
  const [row] = await rowsOf(
    session,
    `select current_setting('max_locks_per_transaction')::int *
         (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int) as room,
       (select count(*) from pg_class where oid >= 16384) as relations`,
  );
  const objects = (tables.length > 0 ? [] : await inventoryOf(session)).length;
  const needed = (tables.length > 0 ? 0 : Number(row?.['relations'])) + objects + entries.length;
  const room = Number(row?.['room']) * SHARE_OF_LOCKS;
  if (needed <= room) return;
  throw new StepError(
    `replacing what is in ${session.place} takes about ${needed} locks in one transaction, and the server has room for ${Math.floor(room)}`,
    {
      code: 'tooManyObjects',
      hint: 'Let the role create databases (createdb): then it is restored beside and the names are swapped. Or raise max_locks_per_transaction.',
    },
  );
}

async function replace(restoring: Restoring, prepared: Prepared, drops: readonly string[]): Promise<void> {
  const { session, tools, context } = restoring;
  context.log('in one transaction: until it is committed, what is there stays');
  const psql = await startPsql({
    file: tools.psql,
    argv: PSQL,
    env: clientEnvironment(restoring, prepared.settings),
    signal: context.signal,
  });
  const over = new AbortController();
  void tellGrowth(session, context, over.signal);
  try {
    await fill(psql, restoring, prepared, drops);
    await psql.send('commit;\n');
    await psql.end();
  } finally {
    psql.kill();
    over.abort();
  }
}

async function fill(
  psql: Psql,
  restoring: Restoring,
  { listFile, ownership }: Prepared,
  drops: readonly string[],
): Promise<void> {
  const { from, tools, context } = restoring;
  const feed = (argv: readonly string[]): Promise<void> =>
    psql.sendOutputOf({
      file: tools.restore,
      argv: [
        ...argv.filter((option) => option !== '--exit-on-error'),
        `--use-list=${listFile}`,
        '--file=-',
        from,
      ],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      name: 'pg_restore',
    });
  // The commit waits for the disk, whatever the settings of the sessions say.
  await psql.send(
    `begin;\nset local synchronous_commit = on;\n${drops.map((drop) => `${drop};\n`).join('')}`,
  );
  await psql.reached();
  // All that the server refuses is told at once.
  await psql.send('\\set ON_ERROR_ROLLBACK on\n\\set ON_ERROR_STOP 0\n');
  await feed(BEFORE_ROWS);
  const refused = (await psql.reached()).filter((line) => line.includes(' ERROR: '));
  if (refused.length > 0) throw programError('psql', refused.join('\n'), { all: true });
  await psql.send('\\set ON_ERROR_ROLLBACK off\n\\set ON_ERROR_STOP 1\n');
  await feed(FROM_ROWS_ON);
  await psql.send((ownership?.statements ?? []).map((statement) => `${statement}\n`).join(''));
  await psql.send(`select pg_current_xact_id() as id \\gset\n\\warn ${TRANSACTION}:id\n`);
  const numbers = (await psql.reached()).flatMap((line) =>
    line.startsWith(TRANSACTION) ? line.slice(TRANSACTION.length) : [],
  );
  // A later life asks by it whether the commit, which comes next, was the last thing that happened.
  await context.saveCheckpoint({ transaction: numbers[0] ?? '' });
}
