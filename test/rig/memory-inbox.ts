import type { Json, JsonObject } from '../../engine/base/json.ts';
import type { Inbox, Message } from '../../engine/model/message.ts';

/** An inbox without a disk, in which anything can be left. */
export class MemoryInbox implements Inbox {
  readonly #all: Message[] = [];
  #told = (): void => undefined;
  #changed = new Promise<void>((resolve) => (this.#told = resolve));

  put(id: string, body: JsonObject): Promise<void> {
    this.leave(id, body);
    return Promise.resolve();
  }

  /** Also what is no message. */
  leave(id: string, body: Json, account = 'ben'): void {
    if (this.#all.some((each) => each.id === id)) return;
    this.#all.push({ id, account, body });
    this.#told();
    this.#changed = new Promise((resolve) => (this.#told = resolve));
  }

  async *messages(signal: AbortSignal): AsyncGenerator<Message> {
    const over = new Promise<void>((resolve) =>
      signal.addEventListener('abort', () => resolve(), { once: true }),
    );
    for (let at = 0; !signal.aborted;) {
      const message = this.#all[at];
      if (message === undefined) await Promise.race([this.#changed, over]);
      else {
        at += 1;
        yield message;
      }
    }
  }
}
