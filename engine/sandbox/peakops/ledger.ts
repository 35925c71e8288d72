import { appendFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { micros } from '../postgres/client.ts';

/** A row whose commit the database confirmed to the application: what a customer believes is kept. */
export interface Acknowledged {
  readonly id: number;
  /** Microseconds since the epoch, by the database's clock. */
  readonly at: number;
}

/** Acknowledged rows against what a database really holds. */
export interface Loss {
  readonly acknowledged: number;
  readonly lost: number;
  /** The newest row that was kept from before the first loss, or of all when nothing is lost: milliseconds since the epoch. */
  readonly newestKept?: number;
  /** Milliseconds since the epoch. */
  readonly oldestLost?: number;
}

/** The application's own account of what it wrote, kept outside the database that may lose it. */
export class Ledger {
  readonly #file: string;
  readonly #rows: Acknowledged[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(file: string) {
    this.#file = file;
  }

  get size(): number {
    return this.#rows.length;
  }

  add(row: Acknowledged): void {
    this.#rows.push(row);
    const line = `${JSON.stringify(row)}\n`;
    // The file is for people who look into the folder; the figures come from memory.
    this.#written = this.#written.then(() => appendFile(this.#file, line)).catch(() => undefined);
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
    const rows = [...this.#rows].sort((left, right) => left.at - right.at);
    const result = await database.query<{ id: string; at: string }>(
      `select id, ${micros('created_at')} as at from inspections where id = any($1::bigint[])`,
      [rows.map(({ id }) => id)],
    );
    const held = new Set(result.rows.map(({ id, at }) => `${id}@${at}`));
    const isKept = ({ id, at }: Acknowledged): boolean => held.has(`${String(id)}@${String(at)}`);
    const oldestLost = rows.find((row) => !isKept(row));
    const newestKept = rows.findLast((row) => isKept(row) && row.at < (oldestLost?.at ?? Infinity));
    return {
      acknowledged: rows.length,
      lost: rows.filter((row) => !isKept(row)).length,
      ...(newestKept === undefined ? {} : { newestKept: newestKept.at / 1000 }),
      ...(oldestLost === undefined ? {} : { oldestLost: oldestLost.at / 1000 }),
    };
  }
}
