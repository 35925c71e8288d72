import type { Clock } from '../../engine/base/clock.ts';
import { Instant } from '../../engine/base/instant.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that passes only as far as a test says. */
export class HandClock implements Clock {
  #millis = 0;
  readonly #start: Instant;
  readonly #sleepers = new Set<Sleeper>();

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
    });
  }

  /** Lets time pass; whoever wakes up in it has a turn before it is over. */
  async pass(millis: number): Promise<void> {
    const end = this.#millis + millis;
    while (this.jump(end)) await new Promise(setImmediate);
    this.#millis = end;
    await new Promise(setImmediate);
  }

  get isSleptIn(): boolean {
    return this.#sleepers.size > 0;
  }

  /** To the next waking, unless that is later. */
  protected jump(latest = Infinity): boolean {
    const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
    if (next === undefined || next.until > latest) return false;
    this.#millis = Math.max(this.#millis, next.until);
    next.wake();
    return true;
  }
}
