/** A queue of those who wait for the one thing that only one can have at a time. */
export class Turns {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  /** Gives the way to hand it on; undefined when the signal aborted first. */
  async take(signal: AbortSignal): Promise<(() => void) | undefined> {
    if (signal.aborted || (this.#taken && !(await this.#granted(signal)))) return undefined;
    this.#taken = true;
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#taken = false;
      else next();
    };
  }

  #granted(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const grant = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1);
        resolve(false);
      };
      this.#waiting.push(grant);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
