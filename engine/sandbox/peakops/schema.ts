import type { Client } from 'pg';

export const ROWS = { users: 50, inspections: 5000, videos: 500 };

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
 * inspection every 20 minutes, so that the newest row of a quiet database is not from last year.
 */
const SEED = `
  insert into users (email, created_at)
  select 'inspector' || n || '@peakops.test', now() - interval '100 days'
  from generate_series(1, ${String(ROWS.users)}) n;
  insert into inspections (site, notes, user_id, created_at)
  select 'Site ' || (n * 7919) % 97,
         'Inspection ' || n || ': ' || repeat(md5(n::text) || ' ', 12),
         1 + n % ${String(ROWS.users)},
         now() - (${String(ROWS.inspections)} - n + 1) * interval '20 minutes'
  from generate_series(1, ${String(ROWS.inspections)}) n;
  insert into videos (inspection_id, key, created_at)
  select n * 10, 'uploads/' || n * 10 || '/' || md5('video' || n) || '.mp4',
         now() - (${String(ROWS.videos)} - n + 1) * interval '200 minutes'
  from generate_series(1, ${String(ROWS.videos)}) n;
`;

/** Makes the tables and fills them. Vacuumed, as a database that has been in use is. */
export async function createSchema(client: Client): Promise<void> {
  await client.query(`begin; ${TABLES} ${SEED} commit`);
  await client.query('vacuum (analyze)');
}
