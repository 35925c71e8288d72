import { HandClock } from './hand-clock.ts';

/**
 * Time that passes only while everybody sleeps: once nothing is left to do but wait, it jumps
 * to the next waking. A test of an hour's poll takes no time.
 */
export class FakeClock extends HandClock {
  #watching = false;

  override sleep(millis: number, signal?: AbortSignal): Promise<void> {
    const slept = super.sleep(millis, signal);
    this.#watch();
    return slept;
  }

  /** Resolves when nobody sleeps any more, and whoever woke up has had a turn. */
  async idle(): Promise<void> {
    do await new Promise(setImmediate);
    while (this.isSleptIn);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    // Reached only when no promise is left to settle: then all that goes on is asleep.
    setImmediate(() => {
      this.#watching = false;
      this.jump();
      if (this.isSleptIn) this.#watch();
    });
  }
}
