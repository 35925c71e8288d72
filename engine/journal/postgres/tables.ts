import { MOST_BYTES } from '../../model/message.ts';

/** The tables of a store, by their whole names: nothing depends on a setting of the session, which poolers lose. */
export interface Tables {
  readonly schema: string;
  /** One row says which format the tables have. */
  readonly store: string;
  /** Runs and ledgers: where each chain stands, and the epoch of who may write. */
  readonly journals: string;
  /** Their lines, byte for byte, each with its end. */
  readonly lines: string;
  /** Who may write on a run or to an environment, and until when. */
  readonly leases: string;
  /** Files kept as evidence, by name; their bytes in parts, by digest. */
  readonly attachments: string;
  readonly parts: string;
  /** Secrets that runs keep, sealed. */
  readonly secrets: string;
  /** What was made of journals; may be emptied at any time. */
  readonly overviews: string;
  /** Runs that were asked for under a key, so that asking twice is asking once. */
  readonly requests: string;
  /** Who carries out what was asked for, and when each was last heard of. */
  readonly workers: string;
  /** What people say to runs from elsewhere, until their writers have looked at it. */
  readonly inbox: string;
}

export const SCHEMA = 'drillbook';

/** What the tables of this version are. */
export const FORMAT = 1;

export function tablesIn(schema: string): Tables {
  if (!/^[a-z_][a-z0-9_]{0,40}$/.test(schema)) throw new TypeError(`no name of a schema: ${schema}`);
  const table = (name: string): string => `${schema}.${name}`;
  return {
    schema,
    store: table('store'),
    journals: table('journals'),
    lines: table('lines'),
    leases: table('leases'),
    attachments: table('attachments'),
    parts: table('attachment_parts'),
    secrets: table('secrets'),
    overviews: table('overviews'),
    requests: table('requests'),
    workers: table('workers'),
    inbox: table('inbox'),
  };
}

/** Makes the tables. Names compare by their bytes, as in a folder, whatever the database sorts by. */
export const definitionOf = (t: Tables): string => `
create schema ${t.schema};
create table ${t.store} (format int not null, made timestamptz not null default now());
insert into ${t.store} (format) values (${FORMAT});
create table ${t.journals} (
  kind text collate "C" not null check (kind in ('run', 'ledger')),
  name text collate "C" not null,
  epoch bigint not null default 0,
  seq bigint not null,
  hash text not null,
  sealed boolean not null default false,
  made timestamptz not null default clock_timestamp(),
  primary key (kind, name)
);
create table ${t.lines} (
  kind text collate "C" not null,
  name text collate "C" not null,
  seq bigint not null,
  line bytea not null,
  primary key (kind, name, seq),
  foreign key (kind, name) references ${t.journals} on delete cascade
);
create table ${t.leases} (
  name text collate "C" primary key,
  epoch bigint not null,
  until timestamptz not null,
  run text not null,
  holder text not null
);
create table ${t.parts} (
  run text collate "C" not null,
  sha256 text not null,
  part int not null,
  data bytea not null,
  primary key (run, sha256, part)
);
create table ${t.attachments} (
  run text collate "C" not null,
  file text not null,
  sha256 text not null,
  bytes bigint not null,
  primary key (run, file)
);
create table ${t.secrets} (
  run text collate "C" not null,
  name text not null,
  sealed text not null,
  primary key (run, name)
);
create table ${t.overviews} (
  fold text not null,
  run text collate "C" not null,
  stamp text not null,
  made text not null,
  primary key (run)
);
${additionsTo(t)}`;

/** What came to this format later: added to a store that was made before. */
export const additionsTo = (t: Tables): string => `
create table if not exists ${t.requests} (
  key text collate "C" primary key,
  run text not null,
  made timestamptz not null default clock_timestamp()
);
create table if not exists ${t.workers} (
  id text primary key,
  name text not null,
  host text not null,
  version text not null,
  environment text not null,
  doing jsonb not null default '[]',
  draining boolean not null default false,
  began timestamptz not null default clock_timestamp(),
  seen timestamptz not null default clock_timestamp()
);
create table if not exists ${t.inbox} (
  kind text collate "C" not null default 'run' check (kind = 'run'),
  run text collate "C" not null,
  id text collate "C" not null check (id ~ '^[A-Za-z0-9_-]{8,64}$'),
  number bigint generated always as identity,
  account text not null default session_user,
  body text not null check (octet_length(body) <= ${MOST_BYTES}),
  primary key (run, id),
  foreign key (kind, run) references ${t.journals} on delete cascade
);
`;

/**
 * The roles of those who only look, of those who write, and of workers, who write and take from the queue. They log in
 * to nothing: accounts are made members.
 */
export const rolesOf = ({ schema }: Tables) => ({
  reader: `${schema}_reader`,
  writer: `${schema}_writer`,
  worker: `${schema}_worker`,
});

/** Beside the tables of the store, those of the queue: a schema of its own, which the queue's engine fills. */
export const queueSchema = ({ schema }: Tables): string => `${schema}_queue`;

/** A writer may add lines and strike one out, and may remove no run: that is for the owner of the tables. */
export function grantsOf(t: Tables): string {
  const { reader, writer, worker } = rolesOf(t);
  return `
grant usage on schema ${t.schema} to ${reader}, ${writer};
grant select on ${t.store}, ${t.journals}, ${t.lines}, ${t.leases}, ${t.attachments}, ${t.parts}, ${t.overviews},
  ${t.requests}, ${t.workers} to ${reader}, ${writer};
grant insert, update on ${t.journals}, ${t.leases}, ${t.attachments} to ${writer};
grant insert, update (line) on ${t.lines} to ${writer};
grant insert on ${t.parts} to ${writer};
grant select, insert, update, delete on ${t.secrets} to ${writer};
grant insert, update, delete on ${t.overviews} to ${writer};
grant select, insert (run, id, body), delete on ${t.inbox} to ${writer};
grant insert on ${t.requests} to ${writer};
grant ${writer} to ${worker};
grant insert, update, delete on ${t.workers} to ${worker};
`;
}

/** Writers may put something into the queue; workers take it out, which is for the queue's engine to do as it likes. */
export function queueGrantsOf(t: Tables): string {
  const { writer, worker } = rolesOf(t);
  const schema = queueSchema(t);
  return `
grant usage on schema ${schema} to ${writer}, ${worker};
grant select, insert, update on ${schema}.workflow_status to ${writer};
grant select, insert on ${schema}.workflow_input to ${writer};
grant select, insert, update, delete on all tables in schema ${schema} to ${worker};
grant usage, select on all sequences in schema ${schema} to ${worker};
grant execute on all functions in schema ${schema} to ${worker};
`;
}
