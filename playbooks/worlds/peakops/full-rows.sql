-- What PeakOps holds when a world begins, stretch by stretch: 50 users, an inspection every 20 minutes, 5,000 of them,
-- and a video ten minutes after every tenth. The newest row of a quiet database is not from last year.
insert into users (email, phone, created_at)
select 'inspector' || n || '@peakops.test', '+1 555 0' || 100 + n,
       current_setting('history.now')::timestamptz - interval '100 days'
from generate_series(1, 50) n
where current_setting('history.since') = '-infinity';

insert into inspections (site, notes, user_id, created_at)
select 'Site ' || (n * 7919) % 97, 'Inspection ' || n || ': ' || repeat(md5(n::text) || ' ', 12), 1 + n % 50, made
from (
  select n, current_setting('history.now')::timestamptz - (5001 - n) * interval '20 minutes' as made
  from generate_series(1, 5000) n
) as all_inspections
where made >= current_setting('history.since')::timestamptz
  and made < current_setting('history.until')::timestamptz
order by n;

insert into videos (inspection_id, key, created_at)
select n * 10, 'uploads/' || n * 10 || '/' || md5('video' || n) || '.mp4', made
from (
  select n,
         current_setting('history.now')::timestamptz - (5001 - n * 10) * interval '20 minutes'
           + interval '10 minutes' as made
  from generate_series(1, 500) n
) as all_videos
where made >= current_setting('history.since')::timestamptz
  and made < current_setting('history.until')::timestamptz
order by n;
