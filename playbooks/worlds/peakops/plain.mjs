/**
 * The application of PeakOps's procedures and nothing more: three tables, `created_at`, a health page. What they leave
 * open is unlike the full one: ids that are no numbers, other columns, other pages, nothing that says that it is alive.
 */
export default {
  readAll: `
    select (select count(*) from users where length(username) > 0),
           (select count(*) from inspections where length(report) > 0),
           (select count(*) from videos where length(file) > 0)`,
  insertInspection: `
    insert into inspections (title, report, inspector_id)
    select 'Site 1', $1, id from users where username = 'inspector1@peakops.test'
    returning id, to_json(created_at) as created_at`,
  insertVideo: `
    insert into videos (inspection_id, file, created_at)
    (select id, $1, clock_timestamp() from inspections order by created_at desc limit 1)
    returning to_json(created_at) as created_at`,
  task: 'select sum(length(report)) from inspections',
  login: {
    path: '/api/token/',
    name: 'username',
    password: 'a password of the sandbox',
    findUser: 'select id from users where username = $1',
  },
  recent: {
    path: '/api/inspections/',
    query: 'select id, title, created_at from inspections order by created_at desc limit 20',
    list: 'results',
  },
};
