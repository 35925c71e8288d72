import { count } from '../../base/human.ts';
import type { Clock } from '../../base/clock.ts';
import { eventAddress, sendEvent } from '../../kinds/notify/cloud-events.ts';
import type { EventAddress, NotTaken } from '../../kinds/notify/cloud-events.ts';
import type { CloudEvent } from '../../model/cloud-event.ts';
import type { Environment } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';

/** How many wait at most; of more, the oldest are given up. */
const ROOM = 1000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** How long the end of a run waits for what is still to be sent. */
const PATIENCE_MS = 5000;

interface OutboxOptions {
  readonly environment: Environment;
  readonly secrets: SecretResolver;
  readonly clock: Clock;
}

/**
 * Events on their way to an address of the environment: one after the other, in their order, offered again while the
 * run goes on. Nothing of it is waited for but a few seconds in the end, and nothing of it fails a run.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #end = new AbortController();
  readonly #waiting: CloudEvent[] = [];
  #lost = 0;
  #why: string | undefined;
  #sending: Promise<void> | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Takes an event, and returns at once. */
  offer(event: CloudEvent): void {
    this.#waiting.push(event);
    // The first may be on its way at this moment: it is not the one to be given up.
    if (this.#waiting.length > ROOM) this.#giveUp(1);
    if (this.#sending === undefined) this.#start();
  }

  /** Waits a few seconds for what is left; says in words what was not taken, undefined when all was. */
  async close(): Promise<string | undefined> {
    const done = new AbortController();
    const patience = this.#options.clock.sleep(PATIENCE_MS, done.signal).then(() => this.#end.abort());
    while (this.#sending !== undefined) await this.#sending;
    done.abort();
    await patience;
    const untold = this.#lost + this.#waiting.length;
    return untold === 0
      ? undefined
      : `${count(untold, 'event')} of this run could not be sent: ${this.#why ?? 'there was no answer in time'}`;
  }

  #giveUp(at: number): void {
    this.#waiting.splice(at, 1);
    this.#lost += 1;
    this.#why ??= `more than ${String(ROOM)} were waiting`;
  }

  #start(): void {
    this.#sending = this.#send().then((isThrough) => {
      this.#sending = undefined;
      // One that came at the very end is not left behind.
      if (isThrough && this.#waiting.length > 0) this.#start();
    });
  }

  /** False where something else than an event stood in the way. */
  async #send(): Promise<boolean> {
    // In the next turn: whoever offers has what it does next to itself.
    await new Promise(setImmediate);
    try {
      const { environment, secrets } = this.#options;
      const to = await eventAddress(environment, secrets, this.#end.signal);
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        const refused = await this.#deliver(next, to);
        if (refused === undefined) this.#waiting.shift();
        else {
          this.#giveUp(0);
          this.#why = refused.why;
        }
      }
      return true;
    } catch (error) {
      if (!this.#end.signal.aborted) this.#why = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  /** Offers it until it is taken, or refused for good. Rejects when the end comes first. */
  async #deliver(event: CloudEvent, to: EventAddress): Promise<NotTaken | undefined> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const refused = await sendEvent(event, to, this.#end.signal);
      if (refused === undefined || refused.isFinal) return refused;
      this.#why = refused.why;
      await this.#options.clock.sleep(pause, this.#end.signal);
    }
  }
}
