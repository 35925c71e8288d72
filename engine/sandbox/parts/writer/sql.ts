import type { Pool } from 'pg';
import { micros, openPool, withConnection } from '../../postgres/client.ts';
import type { Place } from './place.ts';
import type { FindWrites, Way, Write } from './write.ts';

interface OpenPool {
  readonly url: string;
  readonly pool: Pool;
}

/** Writes by a statement of SQL. A write counts when its commit was confirmed. */
export class SqlWay implements Way {
  readonly #place: Place;
  readonly #sql: string;
  #pool: OpenPool | undefined;

  constructor(place: Place, sql: string) {
    this.#place = place;
    this.#sql = sql;
  }

  async write(text: string): Promise<Write> {
    const client = await (await this.#connected()).connect();
    let failed = true;
    try {
      await client.query('begin');
      await client.query(this.#sql, [text]);
      const { rows } = await client.query<{ at: string }>(`select ${micros('clock_timestamp()')} as at`);
      await client.query('commit');
      failed = false;
      return { key: text, at: Number(rows[0]?.at) };
    } finally {
      // A connection on which something went wrong is not used again, and its transaction ends with it.
      client.release(failed);
    }
  }

  async close(): Promise<void> {
    const open = this.#pool;
    this.#pool = undefined;
    await open?.pool.end();
  }

  async #connected(): Promise<Pool> {
    const url = this.#place.reached();
    if (this.#pool !== undefined && this.#pool.url !== url) await this.close();
    this.#pool ??= { url, pool: await openPool(url) };
    return this.#pool.pool;
  }
}

/** Asks the database, by one query for all. */
export const findBySql =
  (place: Place, query: string): FindWrites =>
  async (writes) => {
    const { rows } = await withConnection(place.now(), (client) =>
      client.query<[unknown]>({
        text: query,
        values: [writes.map(({ key }) => key)],
        rowMode: 'array',
      }),
    );
    const held = new Set(rows.map(([key]) => String(key)));
    return new Set(writes.filter(({ key }) => held.has(key)));
  };
