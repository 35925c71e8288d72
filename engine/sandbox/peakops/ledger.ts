import { appendFile } from 'node:fs/promises';
import type { Client } from 'pg';
import type { Loss } from '../ground/loss.ts';
import { lossOf } from '../ground/loss.ts';

/** A row whose commit the database confirmed to the application: what a customer believes is kept. */
export interface Acknowledged {
  readonly id: string;
  /** Microseconds since the epoch, by the database's clock. */
  readonly at: number;
}

/** A video that S3 confirmed and whose key the database confirmed. */
export interface Upload {
  readonly key: string;
  /** MD5 of its bytes, in hexadecimal: what S3 gives as its ETag. */
  readonly digest: string;
  /** Microseconds since the epoch, by the database's clock. */
  readonly at: number;
}

/** The application's own account of what it wrote, kept outside the database that may lose it. */
export class WriteLedger {
  readonly #file: string;
  readonly #find: string;
  readonly #rows: Acknowledged[] = [];
  readonly #uploads: Upload[] = [];
  #written: Promise<void> = Promise.resolve();

  /** `find`: the query that gives, of ids, those that a database holds, with their times. */
  constructor(file: string, find: string) {
    this.#file = file;
    this.#find = find;
  }

  get size(): number {
    return this.#rows.length;
  }

  get uploads(): number {
    return this.#uploads.length;
  }

  add(row: Acknowledged): void {
    this.#rows.push(row);
    this.#note(row);
  }

  addUpload(upload: Upload): void {
    this.#uploads.push(upload);
    this.#note(upload);
  }

  /** Resolves when the file holds every row. */
  async flush(): Promise<void> {
    await this.#written;
  }

  /**
   * A row is kept when the database holds its id with its time of writing: a recovered database
   * gives ids out again that were lost. Rejects when the database cannot be read.
   */
  async compare(database: Client): Promise<Loss> {
    // What is acknowledged while the database answers is in no answer of it, and not lost.
    const rows = [...this.#rows];
    const result = await database.query<{ id: string; at: string }>(this.#find, [rows.map(({ id }) => id)]);
    const held = new Set(result.rows.map(({ id, at }) => `${id}@${at}`));
    return lossOf(rows, ({ id, at }) => held.has(`${id}@${String(at)}`));
  }

  /** A video is kept when its key leads to its bytes; `digestAt` is what the bucket has there now. */
  compareUploads(digestAt: (key: string) => string | undefined): Loss {
    return lossOf(this.#uploads, ({ key, digest }) => digestAt(key) === digest);
  }

  /** The file is for people who look into the folder; the figures come from memory. */
  #note(entry: Acknowledged | Upload): void {
    const line = `${JSON.stringify(entry)}\n`;
    this.#written = this.#written.then(() => appendFile(this.#file, line)).catch(() => undefined);
  }
}
