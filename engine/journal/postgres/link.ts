import { StepError } from '../../model/kind.ts';
import { StoreError } from '../store.ts';
import type { Tables } from './tables.ts';
import { FORMAT } from './tables.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Param = string | number | boolean | Buffer | null | readonly (string | number | Buffer)[];

/** One connection. What goes wrong is a `StepError`, `retryable` where the same may work on another connection. */
export interface Connection {
  query(text: string, values: readonly Param[]): Promise<readonly Row[]>;
  /** Several statements of our own, without parameters. */
  script(text: string): Promise<void>;
  /** From now on `told` is called for each notice of that channel. */
  listen(channel: string, told: () => void): Promise<void>;
  /** Ends it at once, also under a statement. */
  destroy(): void;
  close(): Promise<void>;
}

/** A database, without the store knowing its client. */
export interface Database {
  /** Where, and as whom; never with a password. */
  readonly place: string;
  connect(): Promise<Connection>;
}

/** A connection that is made when it is needed, and anew after it was lost. */
export class Link {
  readonly #database: Database;
  readonly #tables: Tables;
  #connection: Promise<Connection> | undefined;

  constructor(database: Database, tables: Tables) {
    this.#database = database;
    this.#tables = tables;
  }

  /** One statement. Where the connection is lost under it, whether it took effect is not known: rejects. */
  async run(
    text: string,
    values: readonly Param[] = [],
    limit: AbortSignal = NEVER,
  ): Promise<readonly Row[]> {
    const opened = (this.#connection ??= this.#connect());
    try {
      return await within(
        limit,
        opened.then((connection) => connection.query(text, values)),
      );
    } catch (error) {
      if (isPassing(error)) this.#drop(opened);
      throw error;
    }
  }

  /** One that only reads, or does nothing more when it is done twice: once more on a new connection. */
  async ask(text: string, values: readonly Param[] = []): Promise<readonly Row[]> {
    try {
      return await this.run(text, values);
    } catch (error) {
      if (!isPassing(error)) throw error;
      return this.run(text, values);
    }
  }

  async close(): Promise<void> {
    const opened = this.#connection;
    this.#connection = undefined;
    await opened?.then(
      (connection) => connection.close(),
      () => undefined,
    );
  }

  async #connect(): Promise<Connection> {
    const connection = await this.#database.connect().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    try {
      await this.#expectFormat(connection);
      return connection;
    } catch (error) {
      this.#connection = undefined;
      connection.destroy();
      throw error;
    }
  }

  async #expectFormat(connection: Connection): Promise<void> {
    const { place } = this.#database;
    const rows = await connection
      .query(`select format from ${this.#tables.store}`, [])
      .catch((error: unknown) => {
        throw isMissing(error) ? noStore(place) : error;
      });
    const format = rows[0]?.['format'];
    if (format === FORMAT) return;
    throw new StoreError(
      'io',
      `the store in ${place} has the format ${String(format)}, and this is ${FORMAT}`,
      {
        hint: 'Another version of drillbook made it: use that one, or export it there and import it here.',
      },
    );
  }

  #drop(opened: Promise<Connection>): void {
    if (this.#connection === opened) this.#connection = undefined;
    opened.then(
      (connection) => connection.destroy(),
      () => undefined,
    );
  }
}

const NEVER = new AbortController().signal;

/** What was asked, or that there was no answer as long as one waits for it. */
async function within<T>(limit: AbortSignal, asked: Promise<T>): Promise<T> {
  let end = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    end = () => reject(new StepError('no answer in time', { code: 'timeout', retryable: true }));
    if (limit.aborted) end();
    limit.addEventListener('abort', end);
  });
  try {
    return await Promise.race([asked, over]);
  } finally {
    limit.removeEventListener('abort', end);
  }
}

/** It says nothing about the statement: the same may work in a moment. */
export const isPassing = (error: unknown): boolean => error instanceof StepError && error.retryable;

/** No such schema, no such table. */
const isMissing = (error: unknown): boolean =>
  error instanceof StepError && (error.code === '3F000' || error.code === '42P01');

const noStore = (place: string): StoreError =>
  new StoreError('io', `there is no store in ${place}`, {
    hint: 'Make it, once and as the owner of the database: `drillbook store init`.',
  });

/** What to do about it, by the code of the database. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ['42501', 'This account is no member of the role for it: see docs/teams.md.'],
  ['42P01', 'An earlier version of drillbook made the store. As its owner: `drillbook store init`.'],
]);

/** What the database refused, as the store's own error. */
export function databaseError(what: string, cause: unknown): unknown {
  if (!(cause instanceof StepError)) return cause;
  const hint = HINTS.get(cause.code) ?? cause.hint ?? undefined;
  return new StoreError('io', `${what}: ${cause.message}`, { cause, ...(hint !== undefined && { hint }) });
}

export async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseError(what, error);
  }
}
