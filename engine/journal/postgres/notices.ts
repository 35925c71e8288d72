import type { Connection, Database } from './link.ts';

/**
 * Notices of the database that something was written. They only shorten the wait: whoever waits looks by himself
 * after a while, since a pooler may keep every notice back.
 */
export class Notices {
  readonly #database: Database;
  readonly #channel: string;
  readonly #waiting = new Set<() => void>();
  #listening: Promise<Connection | undefined> | undefined;

  constructor(database: Database, channel: string) {
    this.#database = database;
    this.#channel = channel;
  }

  /** Resolves at the next notice, after that many milliseconds, or when the signal aborts. */
  next(withinMs: number, signal: AbortSignal): Promise<void> {
    this.#listening ??= this.#listen();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, withinMs);
      signal.addEventListener('abort', end);
      this.#waiting.add(end);
    });
  }

  async close(): Promise<void> {
    const listening = this.#listening;
    this.#listening = undefined;
    await (await listening)?.close();
  }

  async #listen(): Promise<Connection | undefined> {
    try {
      const connection = await this.#database.connect();
      await connection.listen(this.#channel, () => {
        for (const end of this.#waiting) end();
      });
      return connection;
    } catch {
      // The next one who waits tries again.
      this.#listening = undefined;
      return undefined;
    }
  }
}
