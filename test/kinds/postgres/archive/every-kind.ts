/**
 * One object of every kind that a database of PostgreSQL 15 can hold, inside of schemas and outside, with owners, grants
 * and comments, for a superuser; `writer` and `reader` are roles.
 */
export const EVERY_KIND = String.raw`
create extension pgcrypto;
create schema extras authorization writer;
create schema "odd.name";
create extension hstore schema extras;
comment on schema public is 'ours';
grant create on schema public to writer;

create type mood as enum ('calm', 'stormy');
create type place as (x int, y int);
create domain positive as int check (value > 0);
create type span as range (subtype = float8);
create type number;
create function number_in(cstring) returns number language internal immutable strict as 'int4in';
create function number_out(number) returns cstring language internal immutable strict as 'int4out';
create type number (input = number_in, output = number_out, like = int4);
create cast (number as int) without function as assignment;
create cast (jsonb as mood) with inout;

create collation german (provider = libc, locale = 'C');
create conversion latin for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create function plus(place, place) returns place language sql immutable as 'select ($1.x + $2.x, $1.y + $2.y)::place';
create operator + (leftarg = place, rightarg = place, function = plus);
create operator family extras.families using btree;
create operator class extras.moods for type mood using hash as operator 1 =(anyenum, anyenum), function 1 hashenum(anyenum);
create aggregate total (place) (sfunc = plus, stype = place);
create procedure extras.nothing() language plpgsql as $body$ begin
ALTER TABLE precious OWNER TO thief;
end $body$;
alter procedure extras.nothing() owner to writer;
create function plother_handler() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create language plother handler plother_handler;
create transform for mood language sql (from sql with function prsd_lextype(internal));
create access method other_heap type table handler heap_tableam_handler;

create text search parser words (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create text search template simple_words (init = dsimple_init, lexize = dsimple_lexize);
create text search dictionary plain (template = simple_words);
create text search configuration texts (parser = words);
alter text search configuration texts add mapping for word with plain;

create table users (id bigint generated always as identity primary key, email text unique collate german, mood mood default 'calm',
  shout text generated always as (upper(email)) stored, age positive);
create table docs (id serial primary key, user_id bigint not null references users on delete cascade, body text);
create unlogged table scratch (n int);
create table children (extra int) inherits (docs);
create table heaped (n int) using other_heap;
create index docs_by_body on docs using gin (to_tsvector('texts', body));
create sequence counter start 7;
create table events (at date not null, what text) partition by range (at);
create table events_2025 partition of events for values from ('2025-01-01') to ('2026-01-01');
create index on events (what);
create statistics docs_stats on id, user_id from docs;
create view mails as select email from users;
create materialized view sums as select count(*) as n from docs;
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touched before insert on docs for each row execute function touch();
create rule quiet as on delete to scratch do instead nothing;
alter table docs enable row level security;
create policy mine on docs for select to reader using (user_id > 0);
create table "odd.name"."log book" (at timestamptz, line text);
create function noticed() returns event_trigger language plpgsql as 'begin end';
create event trigger watching on sql_drop execute function noticed();

create foreign data wrapper nowhere;
create server far foreign data wrapper nowhere;
create user mapping for writer server far options (password 'secret');
create user mapping for public server far;
create foreign table distant (n int) server far;
create publication part for table users where (id > 0);
create publication spaces for tables in schema extras;
create publication everything for all tables;
create subscription quiet connection 'host=localhost dbname=x' publication p with (connect = false);

alter default privileges for role writer grant select on tables to reader;
alter default privileges for role writer revoke execute on functions from public;
alter default privileges for role writer in schema extras grant usage on sequences to reader;
grant select (email), insert on users to reader;
alter table docs owner to writer;
alter function touch() owner to writer;
comment on table docs is 'what it''s about';
comment on subscription quiet is 'of another';

insert into users (email) select 'user' || n from generate_series(1, 50) n;
insert into docs (user_id, body) select 1 + n % 50, repeat('x', n) from generate_series(1, 200) n;
insert into events values ('2025-05-05', 'a');
insert into heaped values (1), (2);
insert into "odd.name"."log book" values ('2025-05-05', 'b');
select lo_from_bytea(4711, 'large');
alter large object 4711 owner to writer;
grant select on large object 4711 to reader;
comment on large object 4711 is 'a picture';
`;
