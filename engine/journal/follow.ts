import { watch } from 'node:fs';
import type { Event } from '../model/event.ts';

/** How often somebody who watches looks by himself, whether or not he was told of anything. */
export const LOOK_MS = 1000;

/**
 * Gives the events after `from` as they become durable, in order and each once.
 * `change` resolves when there may be more, and at the latest after a while.
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
    for (const event of await ways.read()) {
      if (event.seq <= last) continue;
      last = event.seq;
      yield event;
    }
    await ways.change();
  }
}

/** Until a file is written, or for a while. */
export function fileChange(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(path, { persistent: false });
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      watcher.close();
      resolve();
    };
    const timer = setTimeout(end, LOOK_MS);
    watcher.once('change', end).once('error', end);
    signal.addEventListener('abort', end);
  });
}
