import { createFolderStore } from '../../journal/folder-store.ts';
import { Redactor } from '../../journal/redact.ts';
import type { Store } from '../../journal/store.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { sayError } from '../terminal.ts';
import { systemClock } from '../clock.ts';
import { invocation } from '../invocation.ts';
import { storeFolder } from '../paths.ts';
import { summarizedRuns } from './summaries.ts';

/** The store for commands that only look at it. */
export const openStore = (folder: string | undefined): Store =>
  createFolderStore(storeFolder(folder), { clock: systemClock, redactor: new Redactor() });

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
