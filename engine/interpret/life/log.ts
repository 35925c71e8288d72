import type { Event, EventBody } from '../../model/event.ts';
import type { Journal } from '../../model/ports.ts';
import type { RunState } from './state.ts';
import { applyToState, emptyState } from './state.ts';

/** Held events are written at the latest when there are this many. */
const MOST_HELD = 64;

/**
 * The journal, and what it says so far. Events around something that changes nothing may be
 * held back to share one fsync with the next; nothing is shown or acted on in the world
 * before all that came before it is durable.
 */
export class Log {
  readonly state: RunState;
  readonly #journal: Journal;
  #held: EventBody[] = [];
  #broken: { readonly error: unknown } | undefined;

  constructor(journal: Journal, history: readonly Event[]) {
    this.#journal = journal;
    this.state = history.reduce(applyToState, emptyState());
  }

  /** Durable when it resolves, with everything before it. */
  async append(...bodies: readonly EventBody[]): Promise<void> {
    this.#throwWhenBroken();
    const all = [...this.#held, ...bodies];
    if (all.length === 0) return;
    this.#held = [];
    try {
      for (const event of await this.#journal.append(...all)) applyToState(this.state, event);
    } catch (error) {
      this.#broken ??= { error };
      throw error;
    }
  }

  /** Durable with whatever is written next. */
  async later(...bodies: readonly EventBody[]): Promise<void> {
    this.#held.push(...bodies);
    if (this.#held.length >= MOST_HELD) await this.append();
  }

  /** Begins to write without waiting; a journal that refuses is noticed by whoever writes next. */
  write(...bodies: readonly EventBody[]): void {
    this.append(...bodies).catch(() => undefined);
  }

  /** Whether this is the journal's own refusal, which no step may swallow. */
  isBrokenBy(error: unknown): boolean {
    return this.#broken?.error === error;
  }

  #throwWhenBroken(): void {
    if (this.#broken !== undefined) throw this.#broken.error;
  }
}
