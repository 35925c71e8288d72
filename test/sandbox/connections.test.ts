import { expect, test } from 'vitest';
import { connect, openPool } from '../../engine/sandbox/postgres/client.ts';
import { startPostgres } from '../rig/postgres.ts';

// Without somebody who hears of the loss it would end the process: vitest reports that as a failure of this file.
test('a connection that is lost while nothing is asked of it is an error of the next query, in a pool too', async () => {
  const postgres = await startPostgres();
  const pool = await openPool(postgres.url());
  const [one, ofPool] = [await connect(postgres.url()), await pool.connect()];
  const lost = Promise.all(
    [one, ofPool].map((each) => new Promise<void>((resolve) => each.once('end', resolve))),
  );
  await postgres.server.stop();
  await lost;
  await expect(one.query('select 1')).rejects.toThrow();
  await expect(ofPool.query('select 1')).rejects.toThrow();
  ofPool.release(true);
  await pool.end();
  await postgres.close();
});
