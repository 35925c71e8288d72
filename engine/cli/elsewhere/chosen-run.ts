import type { Store } from '../../journal/store.ts';
import { StoreError } from '../../journal/store.ts';
import type { Event, RunStarted } from '../../model/event.ts';
import { CommandError, EXIT } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { newestRun } from '../run/choose.ts';

/** A run that goes on, and what was written of it so far. */
export interface LiveRun {
  readonly started: RunStarted;
  readonly events: readonly Event[];
}

/** The run that somebody elsewhere speaks to; the newest one without a name. Refused where it has ended. */
export async function liveRun(store: Store, named: string | undefined): Promise<LiveRun> {
  const run = named ?? (await newestRun(store));
  const events = await store.read(run).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.code !== 'missing') throw error;
    throw new CommandError(`there is no run ${run} in ${store.place}`, {
      exitCode: EXIT.store,
      hint: `${invocation('runs')} lists those that are there. Another store: --store PLACE, or DRILLBOOK_STORE.`,
    });
  });
  const [started] = events;
  if (started?.type !== 'run.started')
    throw new CommandError(`run ${run} has no beginning`, { exitCode: EXIT.store });
  if (!events.some(({ type }) => type === 'run.finished')) return { started, events };
  throw new CommandError(`run ${run} has ended`, {
    exitCode: EXIT.invalid,
    hint: `${invocation(`report ${run}`)} shows it.`,
  });
}
