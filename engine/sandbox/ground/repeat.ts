import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './text.ts';

/** Something that is done again and again, and whose last result is known. */
export interface Repetition {
  /** Undefined before the first time has ended. */
  readonly last: { readonly at: number; readonly error?: string } | undefined;
  /** Resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Does `work` every so many milliseconds until it is stopped, of which the signal tells it. A failure is remembered,
 * never fatal.
 */
export function repeat(everyMs: number, work: (stopping: AbortSignal) => Promise<void>): Repetition {
  const stopping = new AbortController();
  let last: Repetition['last'];
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await work(stopping.signal);
        last = { at: performance.now() };
      } catch (error) {
        last = { at: performance.now(), error: messageOf(error) };
      }
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const ended = loop();
  return {
    get last() {
      return last;
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
