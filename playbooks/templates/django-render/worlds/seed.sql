create table auth_user (
  id bigint generated always as identity primary key,
  username text not null unique,
  date_joined timestamptz not null default clock_timestamp()
);
insert into auth_user (username) select 'user' || n from generate_series(1, 1000) n;
