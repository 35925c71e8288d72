// The worker of PeakOps, in small: `node worker.mjs APPLICATION`.
import { application, everySecond, openPool } from './database.mjs';

const { task, signOfLife } = await application();
const pool = openPool(process.env.DATABASE_URL);

// One that cannot read does not come up.
await pool.query('select from users limit 1');
process.stdout.write('ready\n');

// Its task reads the inspections, as Celery's tasks do, and it says that it is alive when it is through: on rows that
// cannot be read it falls silent.
everySecond(async () => {
  await pool.query(task);
  if (signOfLife !== undefined) await pool.query(signOfLife, ['celery@worker']);
});
