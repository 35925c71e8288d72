import type { Clock } from '../base/clock.ts';
import type { Event } from '../model/event.ts';
import type { Loaded } from './files.ts';
import { eventsOf } from './files.ts';
import type { Redactor } from './redact.ts';
import type { LineSink } from './sink.ts';
import { JournalWriter } from './writer.ts';

export interface StoreOptions {
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Told each event once it is durable, in order. Not told those of earlier lives, which `OpenRun.events` holds. */
  readonly onAppend?: (event: Event) => void;
}

/** Begins to write after what is there. What was lost before is noted first. */
export async function openJournal(
  run: string,
  loaded: Loaded,
  sink: LineSink,
  { clock, redactor, onAppend }: StoreOptions,
): Promise<{ readonly journal: JournalWriter; readonly events: readonly Event[] }> {
  const { chain, lost } = loaded;
  const events = eventsOf(run, loaded);
  // A note of the repair belongs to the events that were there, which nobody is told of.
  let listening = false;
  const journal = new JournalWriter({
    run,
    sink,
    head: chain.head,
    clock,
    redactor,
    onAppend: (event) => {
      if (listening) onAppend?.(event);
    },
  });
  const repair =
    chain.torn > 0 || lost !== undefined
      ? await journal.append({
          type: 'journal.repaired',
          bytes: chain.torn,
          ...(lost !== undefined && { head: lost }),
        })
      : [];
  listening = true;
  return { journal, events: [...events, ...repair] };
}
