/**
 * How many requests may be under way at once: more while all goes well, half as many when the service
 * asks to slow down or stops answering (additive increase, multiplicative decrease, RFC 5681). It
 * starts steeply, like TCP's slow start, and grows by one per full round after the first setback.
 */
export class AdaptiveLimit {
  readonly max: number;
  #limit: number;
  #inFlight = 0;
  #isSteep = true;
  /** Requests that were already under way at the last setback say nothing new about it. */
  #epoch = 0;
  readonly #queue: (() => void)[] = [];

  constructor(options: { readonly initial: number; readonly max: number }) {
    this.max = options.max;
    this.#limit = Math.min(options.initial, options.max);
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Waits for a place; give it back with the pass. */
  async enter(): Promise<Pass> {
    if (this.#inFlight >= this.limit) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#inFlight++;
    return { epoch: this.#epoch };
  }

  /** `setback`: the service was overloaded or silent. True when the limit fell because of it. */
  leave(pass: Pass, setback: boolean): boolean {
    let fell = false;
    if (!setback) {
      this.#limit = Math.min(this.max, this.#limit + (this.#isSteep ? 1 : 1 / this.#limit));
    } else if (pass.epoch === this.#epoch) {
      this.#epoch++;
      this.#isSteep = false;
      fell = this.limit > 1;
      this.#limit = Math.max(1, this.#limit / 2);
    }
    this.#inFlight--;
    this.#admit();
    return fell;
  }

  #admit(): void {
    while (this.#inFlight < this.limit) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#inFlight++;
      next();
    }
  }
}

export interface Pass {
  readonly epoch: number;
}
