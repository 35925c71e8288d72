import type { Clock } from '../../engine/base/clock.ts';
import type { Event, EventBody } from '../../engine/model/event.ts';
import type { Journal } from '../../engine/model/ports.ts';

/** A journal without a disk. Events go through JSON, as on their way to a file. */
export class MemoryJournal implements Journal {
  readonly events: Event[];
  /** How often somebody appended: each is an fsync at most. */
  appends = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, history: readonly Event[] = []) {
    this.#clock = clock;
    this.events = [...history];
  }

  append(...bodies: readonly EventBody[]): Promise<readonly Event[]> {
    this.appends += 1;
    const events = bodies.map((body, index) => {
      const envelope = {
        seq: this.events.length + index + 1,
        at: this.#clock.now().epochMicros,
        up: this.#clock.monotonic(),
      };
      return { ...(JSON.parse(JSON.stringify(body)) as EventBody), ...envelope };
    });
    this.events.push(...events);
    return Promise.resolve(events);
  }
}
