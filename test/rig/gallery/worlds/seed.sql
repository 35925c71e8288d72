create table orders (
  id bigint generated always as identity primary key,
  note text not null,
  created_at timestamptz not null default clock_timestamp()
);
insert into orders (note) select 'order ' || n from generate_series(1, 100) n;
