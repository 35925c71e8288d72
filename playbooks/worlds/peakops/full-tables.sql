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
