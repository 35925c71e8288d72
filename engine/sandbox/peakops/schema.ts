import type { Client } from 'pg';
import type { Queries } from './queries.ts';
import { INSPECTIONS_AN_HOUR, ROWS } from './rows.ts';

/**
 * Fills the tables of an application as time would have: at each of these ages `pause` finds what
 * there was then. The rows are the same in every world, save that their times end where the world begins, which
 * is $1 of each statement; $2 and $3 are from which to which inspection.
 */
export async function fillTables(
  client: Client,
  seed: Queries['seed'],
  agesInHours: readonly number[],
  pause: (hours: number) => Promise<void>,
): Promise<void> {
  const began = new Date();
  await client.query(seed.users, [began]);
  let from = 1;
  for (const hours of [...agesInHours, 0]) {
    const to = ROWS.inspections - hours * INSPECTIONS_AN_HOUR;
    await client.query('begin');
    await client.query(seed.inspections, [began, from, to]);
    await client.query(seed.videos, [began, from, to]);
    await client.query('commit');
    from = to + 1;
    if (hours > 0) await pause(hours);
  }
}
