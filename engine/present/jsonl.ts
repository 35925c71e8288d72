import { harmlessJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import type { View } from '../model/ports.ts';

/**
 * The journal's events as they become durable, one JSON object a line, as they stand in the
 * journal: redacted, with `seq`, `at` (microseconds since the epoch) and `up` (milliseconds).
 * Readings, progress and log lines are left out: they are for eyes, and not in the journal.
 */
export function createJsonView(write: (line: string) => void): View & { close(): void } {
  return {
    event: (event: Event) => {
      write(harmlessJson(event));
    },
    signal: () => undefined,
    close: () => undefined,
  };
}
