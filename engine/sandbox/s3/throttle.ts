const WINDOW_MS = 1000;

/** Decides which requests are told to slow down. */
export class Throttle {
  /** Requests that are served in any second; unlimited unless set. */
  perSecond = Infinity;
  #toRefuse = 0;
  readonly #now: () => number;
  #recent: number[] = [];

  /** `now`: milliseconds of a clock that only goes on. */
  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** Refuses the next so many requests. */
  refuse(count: number): void {
    this.#toRefuse = count;
  }

  admits(): boolean {
    if (this.#toRefuse > 0) {
      this.#toRefuse -= 1;
      return false;
    }
    if (this.perSecond === Infinity) return true;
    const now = this.#now();
    this.#recent = this.#recent.filter((at) => at > now - WINDOW_MS);
    if (this.#recent.length >= this.perSecond) return false;
    this.#recent.push(now);
    return true;
  }
}
