import type { Operator } from '../../model/ports.ts';

/**
 * Lets the operator end a wait: for as long as a step waits for others, and only then. What comes
 * of it is a failure of the step, and so «What now?».
 */
export class Waiting {
  readonly #operator: Operator;
  readonly #title: string;
  #offer: AbortController | undefined;
  #stopped: (() => void) | undefined;
  /** The operator does not want to wait any longer. */
  isOver = false;

  constructor(operator: Operator, title: string) {
    this.#operator = operator;
    this.#title = title;
  }

  whenOver(then: () => void): void {
    this.#stopped = then;
  }

  begin(): void {
    if (this.#offer !== undefined || this.isOver) return;
    const offer = new AbortController();
    this.#offer = offer;
    this.#operator
      .wantsToStopWaiting?.(this.#title, offer.signal)
      .then(() => {
        if (offer.signal.aborted) return;
        this.isOver = true;
        this.#stopped?.();
      })
      .catch(() => undefined);
  }

  end(): void {
    this.#offer?.abort();
    this.#offer = undefined;
  }
}
