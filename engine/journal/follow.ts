import { watch } from 'node:fs';
import type { Event } from '../model/event.ts';

/** How often somebody who watches looks by himself, whether or not he was told of anything. */
export const LOOK_MS = 1000;

/**
 * Gives the events after `from` as they become durable, in order and each once.
 * `change` resolves when there may be more, and at the latest after a while or when the signal aborts; it never rejects.
 */
export async function* follow(
  from: number,
  signal: AbortSignal,
  ways: {
    readonly read: () => Promise<readonly Event[]>;
    readonly change: () => Promise<void>;
  },
): AsyncGenerator<Event> {
  for (let last = from; !signal.aborted;) {
    // Before the look: what is written meanwhile is not missed.
    const changed = ways.change();
    for (const event of await ways.read()) {
      if (event.seq <= last) continue;
      last = event.seq;
      yield event;
    }
    await changed;
  }
}

/** Until a file is written, or for a while. */
export function fileChange(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const watched = new AbortController();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      watched.abort();
      resolve();
    };
    const timer = setTimeout(end, LOOK_MS);
    signal.addEventListener('abort', end);
    try {
      watch(path, { persistent: false, signal: watched.signal }, end).once('error', () => undefined);
    } catch {
      // There is no such file yet, or none can be watched here: the time passes all the same.
    }
  });
}
