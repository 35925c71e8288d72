-- What PeakOps holds when a world begins, stretch by stretch: 50 users, an inspection every 20 minutes, 5,000 of them,
-- and a video ten minutes after every tenth. The newest row of a quiet database is not from last year.
insert into users (username, password, date_joined, email, first_name, last_name, is_active, is_staff, is_superuser)
select 'inspector' || n || '@peakops.test',
       -- «a password of the sandbox», as Django 3.2 keeps it; a later one renews it when somebody logs in.
       'pbkdf2_sha256$260000$a1b2c3sandbox$YdIVaTIUtYAKFBcjxI2ZGyYzFE5E2C+/5i+xWAT1qKs=',
       current_setting('history.now')::timestamptz - interval '100 days',
       'inspector' || n || '@peakops.test', '', '', true, false, false
from generate_series(1, 50) n
where current_setting('history.since') = '-infinity';

insert into inspections (title, report, inspector_id, created_at)
select 'Site ' || (n * 7919) % 97, 'Inspection ' || n || ': ' || repeat(md5(n::text) || ' ', 12), 1 + n % 50, made
from (
  select n, current_setting('history.now')::timestamptz - (5001 - n) * interval '20 minutes' as made
  from generate_series(1, 5000) n
) as all_inspections
where made >= current_setting('history.since')::timestamptz
  and made < current_setting('history.until')::timestamptz
order by n;

insert into videos (inspection_id, file, created_at, processed_at)
select n * 10, 'uploads/' || n * 10 || '/' || md5('video' || n) || '.mp4', made, made
from (
  select n,
         current_setting('history.now')::timestamptz - (5001 - n * 10) * interval '20 minutes'
           + interval '10 minutes' as made
  from generate_series(1, 500) n
) as all_videos
where made >= current_setting('history.since')::timestamptz
  and made < current_setting('history.until')::timestamptz
order by n;
