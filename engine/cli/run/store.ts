import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createFolderStore } from '../../journal/folder-store.ts';
import type { StoreOptions } from '../../journal/open-journal.ts';
import { Redactor } from '../../journal/redact.ts';
import type { Store } from '../../journal/store.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { sayError } from '../terminal.ts';
import { systemClock } from '../clock.ts';
import { invocation } from '../invocation.ts';
import { databaseAddress, storeFolder } from '../paths.ts';
import { summarizedRuns } from './summaries.ts';

/** The store that `--store` or DRILLBOOK_STORE names: a folder, or a database, whose client is loaded only then. */
export async function openStore(
  option: string | undefined,
  options: Partial<StoreOptions> = {},
): Promise<Store> {
  const { redactor = new Redactor(), onAppend } = options;
  const how = { clock: systemClock, redactor, ...(onAppend !== undefined && { onAppend }) };
  const address = databaseAddress(option);
  if (address === undefined) return createFolderStore(storeFolder(option), how);
  const { openDatabaseStore } = await import('./database-store.ts');
  return openDatabaseStore(address, { ...how, scratch: workFolder(option) });
}

/** A store that is a folder, for commands that only look at it. */
export const openFolder = (folder: string): Store =>
  createFolderStore(folder, { clock: systemClock, redactor: new Redactor() });

/** Where a command that has no run of its own may write: in the store, or beside where the runs of a database do. */
export function workFolder(option: string | undefined): string {
  const address = databaseAddress(option);
  if (address === undefined) return storeFolder(option);
  // Of the address without a password: whoever changes that finds the files of earlier runs all the same.
  const named = address.replace(/:[^/?#@]*@/, '@');
  const name = createHash('sha256').update(named).digest('hex').slice(0, 12);
  return join(resolve('.drillbook'), 'shared', name);
}

/** Every run that can be read, newest first; of those that cannot, a line on standard error. */
export async function allSummaries(store: Store): Promise<readonly RunSummary[]> {
  const summaries: RunSummary[] = [];
  for (const { run, summary } of await summarizedRuns(store)) {
    if (summary === undefined) tellUnreadable(run);
    else summaries.push(summary);
  }
  return summaries;
}

export const tellUnreadable = (run: string): void =>
  sayError(`The run ${run} cannot be read and is left out; ${invocation(`report ${run}`)} says why.`);
