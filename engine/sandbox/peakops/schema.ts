import type { Client } from 'pg';

export const ROWS = { users: 50, inspections: 5000, videos: 500 };
const INSPECTIONS_AN_HOUR = 3;

/** What the application and its workers write and read. */
const TABLES = `
  create table users (
    id bigint generated always as identity primary key,
    email text not null unique,
    created_at timestamptz not null
  );
  create table inspections (
    id bigint generated always as identity primary key,
    site text not null,
    notes text not null,
    user_id bigint not null references users,
    created_at timestamptz not null default clock_timestamp()
  );
  create table videos (
    id bigint generated always as identity primary key,
    inspection_id bigint not null references inspections,
    key text not null unique,
    created_at timestamptz not null
  );
  create table heartbeats (at timestamptz not null);
  create table worker_heartbeats (worker text primary key, at timestamptz not null);
`;

/**
 * Rows that are the same in every world, save that their times end where the world begins: one
 * inspection every 20 minutes, so that the newest row of a quiet database is not from last year, and
 * a video of every tenth, ten minutes after it. $1 is where the world begins, then from which to which inspection.
 */
const SEED = {
  users: `
    insert into users (email, created_at)
    select 'inspector' || n || '@peakops.test', $1::timestamptz - interval '100 days'
    from generate_series(1, ${String(ROWS.users)}) n`,
  inspections: `
    insert into inspections (site, notes, user_id, created_at)
    select 'Site ' || (n * 7919) % 97,
           'Inspection ' || n || ': ' || repeat(md5(n::text) || ' ', 12),
           1 + n % ${String(ROWS.users)},
           $1::timestamptz - (${String(ROWS.inspections)} - n + 1) * interval '20 minutes'
    from generate_series($2::bigint, $3::bigint) n`,
  videos: `
    insert into videos (inspection_id, key, created_at)
    select n * 10, 'uploads/' || n * 10 || '/' || md5('video' || n) || '.mp4',
           $1::timestamptz - (${String(ROWS.inspections)} - 10 * n) * interval '20 minutes' - interval '10 minutes'
    from generate_series(($2::bigint + 9) / 10, $3::bigint / 10) n`,
};

/** Makes the tables and fills them as time would have: at each of these ages `pause` finds what there was then. */
export async function createSchema(
  client: Client,
  agesInHours: readonly number[],
  pause: (hours: number) => Promise<void>,
): Promise<void> {
  await client.query(`begin; ${TABLES} commit`);
  const began = new Date();
  await client.query(SEED.users, [began]);
  let from = 1;
  for (const hours of [...agesInHours, 0]) {
    const to = ROWS.inspections - hours * INSPECTIONS_AN_HOUR;
    await client.query('begin');
    await client.query(SEED.inspections, [began, from, to]);
    await client.query(SEED.videos, [began, from, to]);
    await client.query('commit');
    from = to + 1;
    if (hours > 0) await pause(hours);
  }
}

/** As a database that has been in use is: what nobody can see any more is cleared away, and statistics are there. */
export async function vacuum(client: Client): Promise<void> {
  await client.query('vacuum (analyze)');
}
