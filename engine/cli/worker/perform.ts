import type { Store } from '../../journal/store.ts';
import { StoreError } from '../../journal/store.ts';
import type { RunSummary } from '../../measure/summary.ts';
import { summarize } from '../../measure/summary.ts';
import type { Clock } from '../../base/clock.ts';
import { EXIT } from '../exit.ts';
import type { Child } from './child.ts';

/** What carrying out a run needs. */
export interface Bench {
  /** Who works. */
  readonly name: string;
  readonly store: Store;
  readonly clock: Clock;
  /** Whether somebody has said something to a run that rests. */
  readonly isAnswered: (run: string) => Promise<boolean>;
  /** Starts the process that goes on with a run. */
  readonly start: (run: string) => Child;
  readonly tell: (line: string) => void;
  /** Aborts when this worker takes nothing up any more. */
  readonly draining: AbortSignal;
}

/** How long one waits before looking again at what somebody else has. */
const LOOK_MS = 1000;

/** How often a process may die under a run before nobody starts another one. */
const LIVES = 3;

/**
 * Carries a run to where no worker can go on with it, and says where that is. The journal alone decides: it may be
 * begun twice, and anywhere. Never fulfilled where this worker drains first: another one goes on.
 */
export async function perform(run: string, bench: Bench): Promise<string> {
  let deaths = 0;
  for (;;) {
    if (isOver(bench)) return leftToOthers();
    const summary = await lookAt(run, bench.store);
    if (summary.state === 'running') {
      await bench.clock.sleep(LOOK_MS);
      continue;
    }
    const end = restingPlace(summary);
    // One that rests goes on once somebody has answered, which only the process of the run can judge.
    const isWoken = end !== undefined && summary.waitsFor === 'person' && (await bench.isAnswered(run));
    if (end !== undefined && !isWoken) return end;
    const { exitCode, trouble } = await bench.start(run).ended;
    if (isOver(bench)) return leftToOthers();
    if (exitCode === EXIT.store) {
      // Another run has the environment, or the store cannot be reached for now: it waits, and begins later.
      bench.tell(`${run} waits: ${trouble}`);
      await bench.clock.sleep(LOOK_MS);
    } else if (await isOpen(run, bench.store)) {
      deaths += 1;
      if (exitCode === EXIT.invalid || deaths >= LIVES) await leaveToPeople(run, trouble, bench);
    }
  }
}

/** Where a run is that no worker can go on with; undefined for one that waits for a worker, or whose process died. */
export function restingPlace({ state, outcome, waitsFor, asks, reason }: RunSummary): string | undefined {
  if (state === 'finished') return outcome;
  if (state !== 'paused' || waitsFor === 'worker') return undefined;
  return waitsFor === 'person'
    ? `it waits for a person: ${asks ?? reason ?? ''}`
    : `it is paused: ${reason ?? ''}`;
}

const isOpen = async (run: string, store: Store): Promise<boolean> =>
  restingPlace(await lookAt(run, store)) === undefined;

async function lookAt(run: string, store: Store): Promise<RunSummary> {
  const writing = (await store.writer(run)) !== undefined;
  try {
    return summarize(await store.read(run), { writing });
  } catch (error) {
    // Whoever asked for it has not written its beginning yet.
    if (error instanceof StoreError && error.code === 'missing') return summarize([], { writing });
    throw error;
  }
}

/** Without this word in its journal the run would look as if a worker were to come. */
async function leaveToPeople(run: string, trouble: string, { store, name }: Bench): Promise<void> {
  const open = await store.open(run);
  try {
    const reason = trouble === '' ? 'its process ended again and again' : trouble;
    await open.journal.append({ type: 'run.paused', by: name, reason, waitsFor: 'person' });
  } finally {
    await open.close();
  }
}

/** Asked anew each time: it may change whenever something is waited for. */
const isOver = ({ draining }: Bench): boolean => draining.aborted;

/** What it was called for is another worker's: the engine finds it begun and not ended. */
export const leftToOthers = (): Promise<string> => new Promise<string>(() => undefined);
