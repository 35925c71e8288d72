import type { Client, Pool } from 'pg';

/** One connection. It survives the loss of its server as an error of the next query, never of the process. */
export async function connect(url: string): Promise<Client> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs `use` with a connection that is closed afterwards. */
export async function withConnection<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A few connections, made when needed, for a program that goes on when the server comes and goes. */
export async function openPool(url: string): Promise<Pool> {
  // An empty one would mean whatever PostgreSQL this machine has.
  if (url === '') throw new Error('DATABASE_URL is empty');
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 2000,
    statement_timeout: 5000,
    query_timeout: 6000,
  });
  pool.on('error', () => undefined);
  // Of one that is in use the pool itself does not hear.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A moment of the database's clock, in an expression that `instantOf` reads back to the microsecond. */
export const micros = (expression: string): string => `(extract(epoch from ${expression}) * 1000000)::bigint`;
