import { StepError } from '../../../model/kind.ts';
import { programError } from '../client/program.ts';
import { rowsOf } from '../client/server.ts';
import { dropStatement, inventoryOf } from './inventory.ts';
import { endFormerSessions, gatherStatistics } from './load.ts';
import { BEFORE_ROWS, FROM_ROWS_ON } from './load-archive.ts';
import { committedBefore, loadInTransaction } from './load-transaction.ts';
import type { Prepared, Restored, Restoring } from './plan.ts';
import { describeRestored, prepare } from './plan.ts';
import { dropTable, thoseThere } from './restore-marker.ts';

/** Of the server's table of locks: others need some, too. */
const SHARE_OF_LOCKS = 0.9;

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
  await loadInTransaction(restoring, prepared, async ({ psql, feed }) => {
    await psql.send(drops.map((drop) => `${drop};\n`).join(''));
    await psql.reached();
    // All that the server refuses is told at once.
    await psql.send('\\set ON_ERROR_ROLLBACK on\n\\set ON_ERROR_STOP 0\n');
    await feed(BEFORE_ROWS);
    const refused = (await psql.reached()).filter((line) => line.includes(' ERROR: '));
    if (refused.length > 0) throw programError('psql', refused.join('\n'), { all: true });
    await psql.send('\\set ON_ERROR_ROLLBACK off\n\\set ON_ERROR_STOP 1\n');
    await feed(FROM_ROWS_ON);
    await psql.send((prepared.ownership?.statements ?? []).map((statement) => `${statement}\n`).join(''));
  });
}
