import type { Envelope, Event } from '../model/event.ts';

/** The two clocks of an event, by which the next one is timed. */
export type Clocks = Pick<Envelope, 'at' | 'up'>;

/** What passed between two events, in microseconds. */
export interface Passed {
  /** While a process drove the run: by its monotonic clock. */
  readonly live: number;
  /** While none did, or the machine slept. */
  readonly down: number;
  /** Ahead by this much between two events of one process, and it is not known whether the machine slept or its clock was set. */
  readonly unexplained: number;
  /** The wall clock was set back by this much between two processes: what really passed is not known. */
  readonly setBack: number;
}

const NOTHING: Passed = { live: 0, down: 0, unexplained: 0, setBack: 0 };

/**
 * How long ago the event before was: by the monotonic clock inside a life of the run, by the wall clock
 * across lives. When the machine slept, nothing was done in that time, and objectives count it; a clock
 * that was only set tells of no time at all. Journals from before `sleptMs` do not say which it was.
 */
export function passedBetween(last: Clocks | undefined, event: Event): Passed {
  if (last === undefined) return NOTHING;
  const isNewLife = event.type === 'run.resumed' || event.type === 'journal.repaired' || event.up < last.up;
  if (isNewLife) {
    const gap = event.at - last.at;
    return { ...NOTHING, down: Math.max(0, gap), setBack: Math.max(0, -gap) };
  }
  const live = Math.round((event.up - last.up) * 1000);
  if (event.type !== 'clock.jumped') return { ...NOTHING, live };
  const { byMs, sleptMs } = event;
  const down = micros(sleptMs ?? byMs);
  return { ...NOTHING, live, down, unexplained: sleptMs === undefined ? down : 0 };
}

const micros = (millis: number): number => Math.max(0, Math.round(millis * 1000) || 0);

/** How far a run had come at a moment, on the one axis on which lengths of time may be taken. Microseconds. */
export interface Elapsed {
  /** Since the run began. Negative for what lies before it. */
  readonly passed: number;
  /** Of it, what may be a clock that was set and no time at all. */
  readonly unexplained: number;
  /** What the wall clock was set back by, altogether, while no process looked. */
  readonly setBack: number;
}

export const AT_START: Elapsed = { passed: 0, unexplained: 0, setBack: 0 };

/** Follows the events of a run along that axis. Changed in place. */
export class ElapsedTime {
  #last: Clocks | undefined;
  #now = AT_START;
  /** Moves of the wall clock against the monotonic one in this process, newest first. */
  #jumps: { readonly passed: number; readonly by: number }[] = [];

  /** At the last event. */
  get now(): Elapsed {
    return this.#now;
  }

  take(event: Event): void {
    const { live, down, unexplained, setBack } = passedBetween(this.#last, event);
    this.#last = event;
    this.#now = {
      passed: this.#now.passed + live + down,
      unexplained: this.#now.unexplained + unexplained,
      setBack: this.#now.setBack + setBack,
    };
    if (event.type === 'run.resumed') this.#jumps = [];
    if (event.type === 'clock.jumped') {
      this.#jumps.unshift({ passed: this.#now.passed, by: Math.round(event.byMs * 1000) - down });
    }
  }

  /**
   * When something was that the last event tells of, by a reading of this machine's wall clock (microseconds
   * since the epoch) that may be older than a jump of it.
   */
  atReading(time: number): Elapsed {
    const { passed } = this.#now;
    let ago = (this.#last?.at ?? time) - time;
    for (const jump of this.#jumps) {
      if (ago >= 0 && jump.passed <= passed - ago) break;
      ago -= jump.by;
    }
    return { ...this.#now, passed: passed - ago };
  }

  /** When something was that a person or another system tells: their clock was not set with ours. */
  atMoment(time: number): Elapsed {
    const { passed } = this.#now;
    return { ...this.#now, passed: passed - ((this.#last?.at ?? time) - time) };
  }
}
