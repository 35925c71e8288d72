import pg from 'pg';

/** A few connections, made when needed, for a program that goes on when the server comes and goes. */
export function openPool(connectionString) {
  // An empty one would mean whatever PostgreSQL this machine has.
  if (!connectionString) throw new Error('DATABASE_URL is empty');
  const pool = new pg.Pool({
    connectionString,
    max: 4,
    connectionTimeoutMillis: 2000,
    statement_timeout: 5000,
    query_timeout: 6000,
  });
  // The next query says what is wrong; nobody else has to.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** Does `work` once a second, whatever comes of it. */
export function everySecond(work) {
  const next = () => void work().then(
    () => setTimeout(next, 1000),
    () => setTimeout(next, 1000),
  );
  next();
}

/** The application whose name is the first argument of the program. */
export const application = async () => (await import(`./${process.argv[2]}.mjs`)).default;
