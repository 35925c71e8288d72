import type { Readable } from 'node:stream';
import type { Client } from 'pg';
import type { Value, ValueMap } from '../../../base/value.ts';
import { valueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { Address } from './address.ts';
import { placeOf } from './address.ts';
import { FrameSink, FrameSource } from './copy-frames.ts';
import { statementError } from './errors.ts';
import { parameter, RESULT_TYPES } from './values.ts';

export interface Rows {
  readonly rows: readonly ValueMap[];
  /** Rows returned or changed, as the server counts them. */
  readonly rowCount: number;
}

/** One connection. It belongs to one step and is closed with it. */
export class Session {
  readonly address: Address;
  readonly place: string;
  readonly host: string;
  readonly #client: Client;
  readonly #signal: AbortSignal;
  readonly #another: () => Promise<Client>;

  constructor(options: {
    readonly client: Client;
    readonly address: Address;
    readonly signal: AbortSignal;
    /** Opens a second connection to the same server, to cancel what this one runs. */
    readonly another: () => Promise<Client>;
  }) {
    this.#client = options.client;
    this.#signal = options.signal;
    this.#another = options.another;
    this.address = options.address;
    this.place = placeOf(options.address);
    this.host = `${options.address.host}:${options.address.port}`;
  }

  /** Commands of our own, without parameters and without results. */
  async command(text: string): Promise<void> {
    try {
      await this.#client.query(text);
    } catch (error) {
      throw statementError(error, text, false);
    }
  }

  /**
   * One statement, prepared: a second one after a semicolon is refused by the server. Throws
   * `StepError` with the SQLSTATE as its code; on abort cancels the statement at the server.
   * `before`: words of our own in front of it, which the place in an error does not count.
   */
  async run(
    text: string,
    params: readonly Value[],
    options: { readonly maxRows: number; readonly writes: boolean; readonly before?: string },
  ): Promise<Rows> {
    const before = options.before ?? '';
    const cancel = (): void => void this.cancel();
    this.#signal.throwIfAborted();
    this.#signal.addEventListener('abort', cancel, { once: true });
    try {
      return await this.#collect(before + text, params, options.maxRows);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof StepError) throw error;
      throw statementError(error, text, options.writes, before.length);
    } finally {
      this.#signal.removeEventListener('abort', cancel);
    }
  }

  /** The bytes of a `copy … to stdout`. What goes wrong is an error of the stream, as pg gives it. */
  async copyOut(text: string): Promise<Readable> {
    const { to } = await import('pg-copy-streams');
    return this.#client.query(to(text));
  }

  /** The messages of a `copy … to stdout`, for `framesIn` of another session. */
  framesOut(text: string): FrameSource {
    return this.#client.query(new FrameSource(text));
  }

  /** Takes the messages of another session's COPY for a `copy … from stdin`; `rowCount` is known once it has finished. */
  framesIn(text: string): FrameSink {
    return this.#client.query(new FrameSink(text));
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }

  async #collect(text: string, params: readonly Value[], maxRows: number): Promise<Rows> {
    const pg = (await import('pg')).default;
    const sent = params.map(parameter);
    const config = {
      text,
      values: sent.map(({ value }) => value),
      types: RESULT_TYPES,
      rowMode: 'array',
      queryMode: 'extended',
    };
    // pg keeps the result parsers from `types` now, and sends `types` as the parameters' types later.
    const query = Object.assign(new pg.Query<Value[]>(config), { types: sent.map(({ type }) => type) });
    const rows: ValueMap[] = [];
    let lost: (() => void) | undefined;
    try {
      return await new Promise<Rows>((resolve, reject) => {
        query.on('row', (row: readonly Value[], result) => {
          if (rows.length === maxRows) {
            reject(tooManyRows(maxRows));
            // Not read to its end: memory stays flat however long the result is.
            query.removeAllListeners('row');
            void this.close();
            return;
          }
          const fields = result?.fields ?? [];
          rows.push(valueMap(fields.map(({ name }, index) => [name, row[index] ?? null] as const)));
        });
        query.on('end', (result) => {
          resolve({ rows, rowCount: result.rowCount ?? rows.length });
        });
        query.on('error', reject);
        lost = () => {
          reject(new Error('Connection terminated unexpectedly'));
        };
        this.#client.once('end', lost);
        this.#client.query(query);
      });
    } finally {
      if (lost !== undefined) this.#client.off('end', lost);
    }
  }

  /** Ends what runs at the server: a closed socket alone would leave it running until the server notices. */
  async cancel(): Promise<void> {
    try {
      const other = await this.#another();
      try {
        await other.query('select pg_cancel_backend($1)', [processIdOf(this.#client)]);
      } finally {
        await other.end();
      }
    } catch {
      await this.close();
    }
  }
}

/** pg knows the server process of a connection, but does not say so in its types. */
const processIdOf = (client: Client): number => (client as Client & { readonly processID: number }).processID;

const tooManyRows = (maxRows: number): StepError =>
  new StepError(`the query gives more than ${maxRows} rows`, {
    code: 'tooManyRows',
    hint: 'Count or limit in the query, or raise "maxRows".',
    details: { maxRows },
  });
