import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { Duration } from '../../../base/duration.ts';
import type { JsonObject } from '../../../base/json.ts';
import { inFolder } from '../../ground/folder.ts';
import type { Repetition } from '../../ground/repeat.ts';
import { repeat } from '../../ground/repeat.ts';
import { asText } from '../../ground/text.ts';
import { placeOf } from './place.ts';
import type { Place } from './place.ts';
import { micros, openPool, withConnection } from '../../postgres/client.ts';
import type { Acknowledged, Part, PartContext, StartPart } from '../part.ts';

const EVERY_MS = 100;
/** So many writes precede a fault, so that there is something to lose and something to keep. */
const BASELINE_WRITES = 10;

interface Write {
  /** The text that no other write has. */
  readonly text: string;
  /** Microseconds since the epoch, by the database's clock. */
  readonly at: number;
}

interface OpenPool {
  readonly url: string;
  readonly pool: Pool;
}

interface Statements {
  readonly sql: string;
  readonly find: string;
}

/** Goes on writing, and keeps its own list of what was acknowledged, which no disaster of the database takes away. */
class WriterPart implements Part {
  readonly members = {};
  readonly #place: Place;
  readonly #statements: Statements;
  readonly #everyMs: number;
  readonly #file: string;
  #pool: OpenPool | undefined;
  readonly #writes: Write[] = [];
  #writing: Repetition | undefined;
  #written: Promise<void> = Promise.resolve();

  private constructor(place: Place, statements: Statements, everyMs: number, file: string) {
    this.#place = place;
    this.#statements = statements;
    this.#everyMs = everyMs;
    this.#file = file;
  }

  static start(args: JsonObject, context: PartContext): Promise<WriterPart> {
    const { id, worldFolder } = context;
    const place = placeOf(args, context);
    const statements = { sql: asText(args['sql']) ?? '', find: asText(args['find']) ?? '' };
    const everyMs = Duration.parse(asText(args['every']) ?? '')?.millis ?? EVERY_MS;
    const file = join(inFolder(worldFolder).parts, `${id}.jsonl`);
    const part = new WriterPart(place, statements, everyMs, file);
    context.onClose(() => part.#stop());
    part.#begin();
    return Promise.resolve(part);
  }

  get actions(): Part['actions'] {
    return {
      start: () => {
        this.#begin();
        return Promise.resolve(this.state());
      },
      stop: async () => {
        await this.#stop();
        return this.state();
      },
    };
  }

  state(): JsonObject {
    const error = this.#writing?.last?.error;
    return {
      running: this.#writing !== undefined,
      acknowledged: this.#writes.length,
      ...(error !== undefined && { error }),
    };
  }

  trouble(): Promise<string | undefined> {
    const error = this.#writing?.last?.error;
    const few = this.#writes.length < BASELINE_WRITES ? 'it has hardly written anything yet' : undefined;
    return Promise.resolve(error === undefined ? few : `it cannot write: ${error}`);
  }

  /** What is acknowledged while the database answers is in no answer of it, and not lost. */
  async acknowledged(): Promise<readonly Acknowledged[]> {
    const writes = [...this.#writes];
    const { rows } = await withConnection(this.#place.url(), (client) =>
      client.query<[unknown]>({
        text: this.#statements.find,
        values: [writes.map(({ text }) => text)],
        rowMode: 'array',
      }),
    );
    const held = new Set(rows.map(([text]) => String(text)));
    return writes.map(({ text, at }) => ({ at, kept: held.has(text) }));
  }

  #begin(): void {
    this.#writing ??= repeat(this.#everyMs, () => this.#write());
  }

  async #stop(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    await writing?.stop();
    await this.#disconnect();
    await this.#written;
  }

  /** A write counts when its commit was confirmed. */
  async #write(): Promise<void> {
    const text = randomBytes(12).toString('hex');
    const client = await (await this.#connected()).connect();
    let failed = true;
    try {
      await client.query('begin');
      await client.query(this.#statements.sql, [text]);
      const { rows } = await client.query<{ at: string }>(`select ${micros('clock_timestamp()')} as at`);
      await client.query('commit');
      failed = false;
      this.#note({ text, at: Number(rows[0]?.at) });
    } finally {
      // A connection on which something went wrong is not used again, and its transaction ends with it.
      client.release(failed);
    }
  }

  /** Whoever cannot come in holds no connection either: then the database is to be seen without anybody. */
  async #connected(): Promise<Pool> {
    const [url, closed] = [this.#place.url(), this.#place.closed()];
    if (this.#pool !== undefined && (closed !== undefined || this.#pool.url !== url))
      await this.#disconnect();
    if (closed !== undefined) throw new Error(closed);
    this.#pool ??= { url, pool: await openPool(url) };
    return this.#pool.pool;
  }

  async #disconnect(): Promise<void> {
    const open = this.#pool;
    this.#pool = undefined;
    await open?.pool.end();
  }

  /** The file is for people who look into the folder; the figures come from memory. */
  #note(write: Write): void {
    this.#writes.push(write);
    const line = `${JSON.stringify(write)}\n`;
    this.#written = this.#written.then(() => appendFile(this.#file, line)).catch(() => undefined);
  }
}

/** Starts a part of the kind `writer`. */
export const startWriter: StartPart = (args, context) => WriterPart.start(args, context);
