import type { Clock } from '../../engine/base/clock.ts';

/** Time that passes only as far as a test says. */
export class HandClock implements Pick<Clock, 'sleep'> {
  #millis = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
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
    for (;;) {
      const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0];
      if (next === undefined || next.until > end) break;
      this.#millis = next.until;
      next.wake();
      await new Promise(setImmediate);
    }
    this.#millis = end;
    await new Promise(setImmediate);
  }
}
