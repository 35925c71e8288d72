import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPool } from '../../../engine/sandbox/postgres/client.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';

let postgres: PostgresRig;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.close());

// An error that nobody listens to would end the process, and with it the world.
test('a connection of a pool that breaks between two queries is met by the next one', async () => {
  const pool = await openPool(postgres.url());
  const client = await pool.connect();
  await client.query('begin');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const broken = new Promise((resolve) => client.once('end', resolve));
  await postgres.sql(`select pg_terminate_backend(${String(rows[0]?.pid)})`);
  await broken;
  await expect(client.query('commit')).rejects.toThrow(/not queryable|terminat|closed/i);
  client.release(true);
  expect((await pool.query('select 1 as n')).rows).toEqual([{ n: 1 }]);
  await pool.end();
});
