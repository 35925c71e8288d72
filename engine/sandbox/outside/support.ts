import type { JsonObject } from '../../base/json.ts';
import type { SupportOutlook } from '../render/breakable.ts';
import type { Outage } from '../render/outage.ts';

/**
 * The provider's support: takes a case, and some time later says that it has put things right, having done
 * so, or that it cannot. Which of them it will be is a matter of the fault.
 */
export class Support {
  readonly #outage: Outage;
  #openedAt: Date | undefined;
  #answeredAt: Date | undefined;
  #answer: SupportOutlook['answer'] | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** How it will end. */
  outlook: SupportOutlook = { answer: 'cannot', afterMs: 3000 };

  constructor(outage: Outage) {
    this.#outage = outage;
  }

  /** Opens a case; one that is open already is only reminded of. */
  ask(): void {
    if (this.#openedAt !== undefined && this.#answer === undefined) return;
    this.#openedAt = new Date();
    this.#answeredAt = undefined;
    this.#answer = undefined;
    this.#timer = setTimeout(() => void this.#decide(), this.outlook.afterMs);
  }

  /** The newest case, for whoever waits for an answer. */
  get news(): JsonObject {
    const status = this.#openedAt === undefined ? 'none' : this.#answer === undefined ? 'open' : 'answered';
    return {
      status,
      answer: this.#answer ?? null,
      openedAt: this.#openedAt?.toISOString() ?? null,
      answeredAt: this.#answeredAt?.toISOString() ?? null,
    };
  }

  /** For the end of the world: nobody answers any more. */
  forget(): void {
    clearTimeout(this.#timer);
  }

  async #decide(): Promise<void> {
    const { answer } = this.outlook;
    if (answer === 'restored') await this.#outage.end();
    this.#answer = answer;
    this.#answeredAt = new Date();
  }
}
