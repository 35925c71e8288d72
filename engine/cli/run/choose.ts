import { StoreError } from '../../journal/store.ts';
import type { Store } from '../../journal/store.ts';
import { summarize } from '../../measure/summary.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Event } from '../../model/event.ts';
import { CommandError, EXIT } from '../exit.ts';
import { invocation } from '../invocation.ts';

/** The events of a run; undefined when its journal cannot be read, for which `report` says why. */
export async function eventsOf(store: Store, run: string): Promise<readonly Event[] | undefined> {
  try {
    return await store.read(run);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}

/** A run in a few words; undefined when its journal cannot be read. */
export async function summaryOf(store: Store, run: string): Promise<RunSummary | undefined> {
  const writing = (await store.writer(run)) !== undefined;
  const events = await eventsOf(store, run);
  return events === undefined ? undefined : summarize(events, { writing });
}

/** The newest run, whatever became of it. */
export async function newestRun(store: Store): Promise<string> {
  const [newest] = await store.list();
  if (newest !== undefined) return newest;
  throw new CommandError('there is no run in this store yet', {
    exitCode: EXIT.invalid,
    hint: `${invocation('drill PLAYBOOK')} makes one. Another store: --store DIR or DRILLBOOK_STORE.`,
  });
}

/** The one run that can be resumed; which one is not guessed where there are several. */
export async function resumableRun(store: Store): Promise<string> {
  const resumable: string[] = [];
  for (const run of await store.list()) {
    const summary = await summaryOf(store, run);
    if (summary?.resumable === true) resumable.push(run);
  }
  const [only, ...others] = resumable;
  if (only !== undefined && others.length === 0) return only;
  throw new CommandError(
    only === undefined ? 'there is no run to resume' : `several runs can be resumed: ${resumable.join(', ')}`,
    {
      exitCode: EXIT.invalid,
      hint:
        only === undefined
          ? `${invocation('runs')} shows them all.`
          : `Say which: ${invocation('resume RUN')}`,
    },
  );
}
