import { micros } from '../postgres/client.ts';
import { LOGIN } from './application.ts';
import type { Queries } from './queries.ts';
import { INSPECTIONS, KEY, MADE, NOTES, ROWS, UPLOADED, VIDEOS } from './rows.ts';

/** An application that offers all that drillbook can make use of. */
export const full: Queries = {
  tables: `
    create table users (
      id bigint generated always as identity primary key,
      email text not null unique,
      phone text,
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
    create table django_migrations (
      id bigint generated always as identity primary key,
      app text not null,
      name text not null,
      applied timestamptz not null
    );
    insert into django_migrations (app, name, applied)
    select 'inspections', name, now() - interval '100 days' from unnest(array['0001_initial', '0002_videos']) name;
    create table erasures (video_id bigint not null, erased_at timestamptz not null);
    create table anonymised (user_id bigint not null, erased_at timestamptz not null);
  `,
  seed: {
    users: `
      insert into users (email, phone, created_at)
      select 'inspector' || n || '@peakops.test', '+1 555 0' || 100 + n, $1::timestamptz - interval '100 days'
      from generate_series(1, ${String(ROWS.users)}) n`,
    inspections: `
      insert into inspections (site, notes, user_id, created_at)
      select 'Site ' || (n * 7919) % 97, ${NOTES}, 1 + n % ${String(ROWS.users)}, ${MADE} ${INSPECTIONS}`,
    videos: `
      insert into videos (inspection_id, key, created_at) select n * 10, ${KEY}, ${UPLOADED} ${VIDEOS}`,
  },
  readAll: `
    select (select count(*) from users where length(email) > 0),
           (select count(*) from inspections where length(notes) > 0),
           (select count(*) from videos where length(key) > 0)`,
  insertInspection: `
    insert into inspections (site, notes, user_id) values ('Site 1', $1, 1)
    returning id::text as id, ${micros('created_at')} as at`,
  findInspections: `
    select id::text as id, ${micros('created_at')} as at from inspections where id = any($1::bigint[])`,
  insertVideo: `
    insert into videos (inspection_id, key, created_at)
    select max(id), $1, clock_timestamp() from inspections returning ${micros('created_at')} as at`,
  task: 'select sum(length(notes)) from inspections',
  heartbeat: 'insert into heartbeats values (clock_timestamp())',
  signOfLife: `
    insert into worker_heartbeats values ($1, clock_timestamp())
    on conflict (worker) do update set at = excluded.at`,
  login: {
    path: '/api/auth/login/',
    name: 'email',
    findUser: 'select id::text as id from users where email = $1',
  },
  recent: {
    path: '/api/inspections/recent/',
    query: `select id::int as id, site, created_at as "createdAt" from inspections order by created_at desc limit 20`,
  },
  newestVideo: {
    path: '/api/videos/newest/',
    query: 'select key from videos order by created_at desc limit 1',
  },
  person: { table: 'users', column: 'email' },
  dnsProvider: 'cloudflare',
  environment: {
    health: { path: '/api/health/' },
    checks: [{ title: 'Recent inspections are shown', path: '/api/inspections/recent/', atLeast: 1 }],
    login: { path: '/api/auth/login/', json: { email: LOGIN.who, password: LOGIN.password } },
    tables: { users: {}, inspections: { time: 'created_at' }, videos: { time: 'created_at' } },
    writers: ['api', 'worker'],
    migrations: { table: 'django_migrations', app: 'app', name: 'name', time: 'applied' },
    erasures: [
      { table: 'videos', key: 'id', log: { table: 'erasures', id: 'video_id', time: 'erased_at' } },
      {
        ...{ table: 'users', key: 'id', log: { table: 'anonymised', id: 'user_id', time: 'erased_at' } },
        set: { email: 'erased-$key@peakops.test', phone: null },
      },
    ],
    thirdParties: ['Mail: what was said of inspections that are no more'],
    heartbeat: { table: 'heartbeats', time: 'at', within: '5s' },
    worker: { table: 'worker_heartbeats', time: 'at', within: '5s' },
    media: {
      ...{ table: 'videos', column: 'key', time: 'created_at' },
      ...{ bucket: 'videos', prefix: 'uploads/', check: '/api/videos/newest/' },
    },
  },
};
