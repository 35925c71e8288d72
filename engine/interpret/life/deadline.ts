import { humanDuration } from '../../base/human.ts';
import type { ValueMap } from '../../base/value.ts';
import { StepError, Stopped } from '../../model/kind.ts';
import type { RunContext } from './context.ts';
import type { Waiting } from './waiting.ts';
import { Paused } from './control.ts';
import { CODES } from '../../model/codes.ts';

/** How long something that was told to stop may take to do so before it is left to itself. */
const GRACE_MS = 15_000;

/** Given as the reason: making an error for each step would cost more than the step. */
const OVER = 'over';

export interface Limits {
  /** Live time; undefined for no limit. */
  readonly timeoutMs: number | undefined;
  /** Nothing changes by breaking off, so a pause need not wait for the end. */
  readonly interruptible: boolean;
  /** What the world looks like when it was broken off. */
  readonly changed: 'nothing' | 'maybe';
  /** Ends it too when the operator does not want to wait any longer. */
  readonly waiting?: Waiting;
  /** Told what the work had said until it was broken off. */
  readonly onStopped?: (details: ValueMap) => void;
}

/**
 * Does some work under a signal that aborts at the deadline, at the operator's stop, and,
 * where nothing is lost by it, at a pause. Rejects with a StepError of code `timeout`, or
 * with `Paused`, even when the work does not listen.
 */
export async function withLimits<T>(
  run: RunContext,
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, pause, stop } = run.options;
  const late = new AbortController();
  const over = new AbortController();
  const { waiting } = limits;
  const signal = AbortSignal.any(limits.interruptible ? [late.signal, stop, pause] : [late.signal, stop]);
  waiting?.whenOver(() => late.abort(new Error('no longer waited for')));
  if (signal.aborted) run.safePoint();
  const brokenOff = (error?: unknown): Error => {
    const details = error instanceof Stopped ? error.details : {};
    if (stop.aborted) return new Paused('a step was stopped');
    if (limits.interruptible && pause.aborted) return run.interruption() ?? new Paused('interrupted');
    if (waiting?.isOver === true) {
      const message = `${run.options.operator.name} stopped waiting`;
      return new StepError(message, { code: CODES.stoppedWaiting, changed: limits.changed, details });
    }
    const limit = humanDuration(limits.timeoutMs ?? 0);
    return new StepError(`not done after ${limit}`, {
      code: CODES.timeout,
      changed: limits.changed,
      details,
    });
  };
  const { timeoutMs } = limits;
  if (timeoutMs !== undefined) {
    void clock.sleep(timeoutMs, over.signal).then(() => {
      if (!over.signal.aborted) late.abort(new Error('timeout'));
    });
  }
  let giveUp = (): void => undefined;
  const abandoned = new Promise<never>((_, reject) => {
    giveUp = () => void clock.sleep(GRACE_MS, over.signal).then(() => reject(brokenOff()));
    signal.addEventListener('abort', giveUp, { once: true });
  });
  // It may reject after the work has ended, when nobody listens any more.
  abandoned.catch(() => undefined);
  try {
    return await Promise.race([work(signal), abandoned]);
  } catch (error) {
    if (!signal.aborted) throw error;
    if (error instanceof Stopped) limits.onStopped?.(error.details);
    throw brokenOff(error);
  } finally {
    // A signal that somebody listens to lives as long as those it is made of: as long as the run.
    signal.removeEventListener('abort', giveUp);
    over.abort(OVER);
  }
}
