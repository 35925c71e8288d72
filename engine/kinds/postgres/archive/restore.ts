import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { encodeValue } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { makeFolder } from '../../machine/place.ts';
import { placeInRun } from '../../machine/run-files.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { restoreBeside } from './beside.ts';
import { contentsOf } from './inventory.ts';
import { replaceInTransaction } from './in-one-transaction.ts';
import { endFormerSessions, loadMarked } from './load.ts';
import type { Restored, Restoring } from './plan.ts';
import { prepare } from './plan.ts';
import { demandUnmarked } from './restore-marker.ts';
import { restoreRows } from './rows-only.ts';

/**
 * Restores a dump in one of three ways, none of which can leave less than there was: into an empty database; beside
 * what is there, with the names swapped at the end; or, where the role may not do that, in one transaction. Rows alone
 * go into tables that are there in one transaction, too.
 */
export async function restoreDump(restoring: Restoring, replaces: boolean): Promise<Restored> {
  const { context } = restoring;
  const listFile = placeInRun(context, undefined, '.restore-list');
  await makeFolder(dirname(listFile));
  try {
    const output = await restoreInto(restoring, listFile, replaces);
    await context.saveCheckpoint({ output: encodeValue(output) });
    return output;
  } finally {
    await rm(listFile, { force: true });
    await rm(`${listFile}.none`, { force: true });
  }
}

async function restoreInto(restoring: Restoring, listFile: string, replaces: boolean): Promise<Restored> {
  if (restoring.rowsOnly) return restoreRows(restoring, listFile, replaces);
  return replaces && (await holdsSomething(restoring))
    ? replaceContents(restoring, listFile)
    : intoEmpty(restoring, listFile);
}

/** Something that is not this step's own half-done work. */
async function holdsSomething({ session, by, tables }: Restoring): Promise<boolean> {
  if ((await demandUnmarked(session, by)) !== undefined) return false;
  return tables.length > 0 || (await contentsOf(session)).length > 0;
}

async function intoEmpty(restoring: Restoring, listFile: string): Promise<Restored> {
  const { session, context } = restoring;
  const prepared = await prepare(restoring, listFile);
  await endFormerSessions(restoring, session.address.database);
  return loadMarked(restoring, prepared, {
    done: (output) => context.saveCheckpoint({ output: encodeValue(output) }),
    failed: halfRestored,
  });
}

async function replaceContents(restoring: Restoring, listFile: string): Promise<Restored> {
  const { session, tables, context } = restoring;
  await demandNothingInTheWay(session);
  if (tables.length === 0) {
    const restored = await restoreBeside(restoring, listFile);
    if (typeof restored !== 'string') return restored;
    context.log(`not beside it, for ${restored}`);
  }
  return replaceInTransaction(restoring, listFile);
}

/** What holds on to a database whatever its name is, and would go on with the one that is set aside. */
async function demandNothingInTheWay(session: Session): Promise<void> {
  const [row] = await rowsOf(
    session,
    `select (select string_agg(gid, ', ') from pg_prepared_xacts where database = current_database()) as prepared,
       (select string_agg(subname, ', ') from pg_subscription s join pg_database d on d.oid = subdbid
         where datname = current_database() and subenabled) as subscriptions`,
  );
  const { prepared, subscriptions } = row ?? {};
  if (typeof prepared === 'string') {
    throw new StepError(`transactions are prepared in ${session.place} and hold its locks: ${prepared}`, {
      code: 'preparedTransactions',
      hint: 'Commit or roll them back ("rollback prepared").',
    });
  }
  if (typeof subscriptions === 'string') {
    throw new StepError(`subscriptions write into ${session.place}: ${subscriptions}`, {
      code: 'subscriptionEnabled',
      hint: 'Disable them ("alter subscription … disable"): they would go on writing into what is set aside.',
    });
  }
}

function halfRestored(error: unknown): unknown {
  if (!(error instanceof StepError)) return error;
  const next = 'The database holds a part of the dump. Another try drops that part and begins again.';
  return new StepError(error.message, {
    code: error.code,
    hint: error.hint === undefined ? next : `${error.hint} ${next}`,
    changed: 'something',
    retryable: error.retryable,
    details: error.details,
    cause: error,
  });
}
