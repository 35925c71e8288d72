import type { Clock } from '../../engine/base/clock.ts';
import { Instant } from '../../engine/base/instant.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/**
 * Time that passes only while everybody sleeps: once nothing is left to do but wait, it jumps
 * to the next waking. A test of an hour's poll takes no time.
 */
export class FakeClock implements Clock {
  #millis = 0;
  readonly #start: Instant;
  readonly #sleepers = new Set<Sleeper>();
  #watching = false;

  constructor(start = '2026-01-05T10:00:00Z') {
    const instant = Instant.parse(start);
    if (instant === undefined) throw new Error(`no time: ${start}`);
    this.#start = instant;
  }

  now(): Instant {
    return new Instant(this.#start.epochMicros + Math.round(this.#millis * 1000));
  }

  monotonic(): number {
    return this.#millis;
  }

  uptime(): number {
    return this.#millis;
  }

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        until: this.#millis + millis,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      signal?.addEventListener('abort', sleeper.wake, { once: true });
      this.#sleepers.add(sleeper);
      this.#watch();
    });
  }

  /** Resolves when nobody sleeps any more, and whoever woke up has had a turn. */
  async idle(): Promise<void> {
    do await new Promise(setImmediate);
    while (this.#sleepers.size > 0);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    // Reached only when no promise is left to settle: then all that goes on is asleep.
    setImmediate(() => {
      this.#watching = false;
      const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
      if (next === undefined) return;
      this.#millis = Math.max(this.#millis, next.until);
      next.wake();
      if (this.#sleepers.size > 0) this.#watch();
    });
  }
}
