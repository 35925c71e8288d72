import type { Fold, Store } from '../../journal/store.ts';
import { summarize, withWriter } from '../../measure/summary.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { builtAs, engineVersion } from '../package-info.ts';

/** A run in a few words; without a summary where its journal cannot be read, for which `report` says why. */
export interface SummarizedRun {
  readonly run: string;
  readonly summary?: RunSummary;
}

/** Every run of a store, newest first. Only journals that have changed since the last look are read. */
export async function summarizedRuns(store: Store): Promise<readonly SummarizedRun[]> {
  const all: SummarizedRun[] = [];
  for (const { run, made } of await store.overview(SUMMARIES)) {
    if (made === undefined) all.push({ run });
    // Nobody goes on with one that has ended, unless to correct it.
    else if (made.state === 'finished') all.push({ run, summary: made });
    else all.push({ run, summary: withWriter(made, (await store.writer(run)) !== undefined) });
  }
  return all;
}

/** Those that can be read, newest first. */
export const readableRuns = async (store: Store): Promise<readonly RunSummary[]> =>
  (await summarizedRuns(store)).flatMap(({ summary }) => (summary === undefined ? [] : [summary]));

const SUMMARIES: Fold<RunSummary> = {
  id: `summaries of ${engineVersion()} ${builtAs()}`,
  make: (events) => summarize(events),
};
