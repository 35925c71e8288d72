import type { RunContext } from '../../engine/interpret/life/context.ts';
import { withLimits } from '../../engine/interpret/life/deadline.ts';
import { realClock } from './step.ts';

/** Does some work under the deadline that the interpreter would give it. */
export function withTimeout<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const never = new AbortController().signal;
  const run = { options: { clock: realClock, pause: never, stop: never } } as unknown as RunContext;
  return withLimits(run, { timeoutMs, interruptible: true, changed: 'nothing' }, work);
}
