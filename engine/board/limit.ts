import type { Clock } from '../base/clock.ts';

const WINDOW_MS = 60_000;

/** How often something may be done in a minute, by whoever is counted under a name. */
export class Limit {
  readonly #clock: Clock;
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  #began = 0;

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Counts one more; whether that is too many. */
  isOver(name: string): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#began >= WINDOW_MS) {
      this.#began = now;
      this.#counts.clear();
    }
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count > this.#most;
  }
}
