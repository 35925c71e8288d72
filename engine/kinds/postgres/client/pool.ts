import type { Pool } from 'pg';
import { parseAddress, placeOf, tlsAttempts } from './address.ts';
import { connectError } from './errors.ts';

export type { Pool };

/** Connections for a library that wants a pool of `pg`, to where `plainDatabase` of the same address leads. */
export async function poolAt(url: string, max: number): Promise<Pool> {
  const pg = (await import('pg')).default;
  const address = parseAddress(url);
  const { host, port, database, user, password, options } = address;
  const attempts = await tlsAttempts(address);
  for (const [index, ssl] of attempts.entries()) {
    const pool = new pg.Pool({
      ...{ host, port, database, user, password, ssl, max },
      ...(options !== undefined && { options }),
      application_name: address.applicationName ?? 'drillbook',
      connectionTimeoutMillis: address.connectTimeoutMs,
      keepAlive: true,
    });
    // A connection that breaks while nobody uses it is met by the next one.
    pool.on('error', () => undefined);
    try {
      (await pool.connect()).release();
      return pool;
    } catch (error) {
      await pool.end();
      const isWithoutTls = error instanceof Error && error.message.includes('does not support SSL');
      if (isWithoutTls && index + 1 < attempts.length) continue;
      throw connectError(error, placeOf(address));
    }
  }
  throw new TypeError('there is always a way to try');
}
