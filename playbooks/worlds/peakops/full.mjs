/** The application with all that drillbook can make use of. */
export default {
  readAll: `
    select (select count(*) from users where length(email) > 0),
           (select count(*) from inspections where length(notes) > 0),
           (select count(*) from videos where length(key) > 0)`,
  insertInspection: `
    insert into inspections (site, notes, user_id) values ('Site 1', $1, 1)
    returning id, to_json(created_at) as created_at`,
  insertVideo: `
    insert into videos (inspection_id, key, created_at)
    select max(id), $1, clock_timestamp() from inspections
    returning to_json(created_at) as created_at`,
  task: 'select sum(length(notes)) from inspections',
  heartbeat: 'insert into heartbeats values (clock_timestamp())',
  signOfLife: `
    insert into worker_heartbeats values ($1, clock_timestamp())
    on conflict (worker) do update set at = excluded.at`,
  login: {
    path: '/api/auth/login/',
    name: 'email',
    password: 'a password of the sandbox',
    findUser: 'select id from users where email = $1',
  },
  recent: {
    path: '/api/inspections/recent/',
    query: 'select id::int as id, site, created_at as "createdAt" from inspections order by created_at desc limit 20',
  },
  newestVideo: {
    path: '/api/videos/newest/',
    query: 'select key from videos order by created_at desc limit 1',
  },
};
