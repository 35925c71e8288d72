// Restores and copies of a database, side by side with what a person would type:
// `npm run build && node test/bench/postgres.js [megabytes] [rounds] [restores|copies]`. Nothing is asserted.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { runAs, serverAccount } from '../../dist/sandbox/postgres/account.js';
import { findBinaries } from '../../dist/sandbox/postgres/binaries.js';
import { findClientTools } from '../../dist/kinds/postgres/client/client-tools.js';
import { postgresCopyRows } from '../../dist/kinds/postgres/postgres.copy-rows.js';
import { postgresDump } from '../../dist/kinds/postgres/postgres.dump.js';
import { postgresRestore } from '../../dist/kinds/postgres/postgres.restore.js';
import { measureInTurn, printTable, verdict } from './side-by-side.js';

const MEGABYTES = Number(process.argv[2] ?? 1000);
const ROUNDS = Number(process.argv[3] ?? 3);
const PORT = 54321 + Math.floor(Math.random() * 1000);
const folder = mkdtempSync(join(tmpdir(), 'drillbook-bench-'));
chmodSync(folder, 0o755);

async function findPrograms() {
  try {
    const account = await serverAccount();
    const binaries = await findBinaries({ account, copyTo: join(folder, 'programs') });
    return { account, binaries, tools: await findClientTools(binaries.version, 'the benchmark') };
  } catch (error) {
    console.log(`${error.message}: the benchmark of PostgreSQL is left out`);
    rmSync(folder, { recursive: true, force: true });
    return process.exit();
  }
}
const { account, binaries, tools } = await findPrograms();
const psql = join(tools.folder, 'psql');

const url = (database) => `postgresql://postgres@127.0.0.1:${PORT}/${database}`;
const bash = (script) =>
  execFileSync('bash', ['-euo', 'pipefail', '-c', script], { stdio: ['ignore', 'ignore', 'inherit'] });

/** As initdb leaves it, save the memory of a small machine: durable, a gigabyte of WAL between checkpoints. */
function startServer() {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (account !== undefined) chownSync(data, account.uid, account.gid);
  const as = { ...runAs(account), cwd: data, stdio: 'ignore' };
  execFileSync(
    binaries.initdb,
    ['-D', data, '--auth=trust', '--username=postgres', '--locale=C', '--encoding=UTF8'],
    as,
  );
  const options = `-p ${PORT} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c shared_buffers=512MB`;
  const control = binaries.initdb.replace(/initdb$/, 'pg_ctl');
  execFileSync(control, ['-w', '-D', data, '-o', options, '-l', join(data, 'log'), 'start'], as);
  return {
    serverPid: readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0],
    stop: () => execFileSync(control, ['-w', '-m', 'immediate', '-D', data, 'stop'], as),
  };
}

async function sql(text, database = 'postgres') {
  const client = new pg.Client({ connectionString: url(database) });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

async function anew(database) {
  await sql(`drop database if exists ${database} with (force)`);
  await sql(`create database ${database}`);
  await sql('checkpoint');
}

const SCHEMA = `
  create table users (id bigint generated always as identity primary key, email text not null unique, created_at timestamptz not null);
  create table inspections (id bigint generated always as identity primary key, site text not null, notes text not null,
    user_id bigint not null references users, created_at timestamptz not null);
  create table videos (id bigint generated always as identity primary key, inspection_id bigint not null references inspections,
    key text not null unique, created_at timestamptz not null);
  create table heartbeats (at timestamptz not null);
  create index on inspections (user_id); create index on inspections (created_at);`;

/** About as many megabytes on disk, in the proportions of the PeakOps database. */
async function fill(database) {
  const inspections = Math.round(MEGABYTES * 1450);
  await anew(database);
  await sql(SCHEMA, database);
  await sql(
    `insert into users (email, created_at) select 'inspector' || n || '@peakops.test', now() from generate_series(1, 1000) n;
     insert into inspections (site, notes, user_id, created_at)
       select 'Site ' || (n::bigint * 7919) % 97, md5(n::text) || (select string_agg(md5((n * 10 + k)::text), ' ') from generate_series(1, 10) k), 1 + n % 1000, now() - n * interval '1 second'
       from generate_series(1, ${inspections}) n;
     insert into videos (inspection_id, key, created_at) select n, 'uploads/' || md5(n::text) || '.mp4', now() from generate_series(1, ${Math.round(inspections / 4)}) n;
     insert into heartbeats select now() - n * interval '1 second' from generate_series(1, ${inspections}) n;`,
    database,
  );
  await sql('vacuum (analyze)', database);
}

const signal = new AbortController().signal;
let steps = 0;
const context = () => {
  const step = `step${++steps}`;
  return {
    run: { id: 'bench', mode: 'drill', folder },
    step,
    signal,
    secrets: { reveal: ({ name }) => Promise.resolve({ reveal: () => name }) },
    clock: { sleep: (millis, signal) => sleep(millis, undefined, { signal }).catch(() => undefined) },
    resourceName: () => `drillbook-bench-${step}`,
    checkpoint: undefined,
    saveCheckpoint: () => Promise.resolve(),
    log: () => undefined,
    progress: () => undefined,
  };
};
const database = (name) => ({ name, url: { $ref: 'url', name: url(name) } });

const seconds = (value) => value.toFixed(2);

/** Measures the ways in turn; `own` names drillbook's, whose time is told as a share of each other one's. */
async function sideBySide(title, own, ways) {
  const measured = await measureInTurn(ways, { rounds: ROUNDS, serverPid, serverIsChild: false });
  const mine = measured.get(own);
  const rows = [...measured].map(([name, { clock, client, server }]) => {
    const share = mine.clock / clock;
    const processors = (mine.client + mine.server) / (client + server);
    const { aim } = ways[name];
    return [
      name,
      seconds(clock),
      seconds(client),
      seconds(server),
      name === own ? '' : share.toFixed(2),
      name === own ? '' : processors.toFixed(2),
      verdict(aim, share <= aim),
    ];
  });
  const head = [
    '',
    'seconds',
    'processors: client',
    'server',
    'drillbook takes',
    'of its processors',
    'aim, at most',
  ];
  printTable(`${title}, median of ${ROUNDS}`, head, rows);
}

async function restores() {
  const plain = join(folder, 'dump.sql');
  const jobs = availableParallelism();
  bash(`${tools.dump} --dbname=${url('source')} --file=${plain}`);
  const start = performance.now();
  const { path, bytes } = await postgresDump.run(
    { database: database('source'), to: 'source.dump' },
    context(),
  );
  const dumped = (performance.now() - start) / 1000;
  console.log(
    `postgres.dump: ${dumped.toFixed(1)} s, ${(bytes / 1e6).toFixed(0)} MB; plain SQL ${(statSync(plain).size / 1e6).toFixed(0)} MB`,
  );
  const before = () => anew('target');
  const restore = (from) => ({
    before,
    work: () => postgresRestore.run({ from, to: database('target'), jobs }, context()),
  });
  const own = `postgres.restore, jobs: ${jobs}, statistics, checkpoint`;
  await sideBySide('Restore into an empty database', own, {
    'psql < dump.sql': { before, work: () => bash(`${psql} -q ${url('target')} < ${plain}`), aim: 0.65 },
    'pg_dump | psql': {
      before,
      work: () => bash(`${tools.dump} ${url('source')} | ${psql} -q ${url('target')}`),
    },
    [`pg_restore --jobs=${jobs}`]: {
      before,
      work: () => bash(`${tools.restore} --jobs=${jobs} --dbname=${url('target')} ${path}`),
    },
    [own]: restore(path),
  });
}

async function copies() {
  const table = 'inspections';
  const before = async (share) => {
    await anew('target');
    await sql(SCHEMA, 'target');
    bash(
      `${psql} -q ${url('source')} -c 'copy users to stdout' | ${psql} -q ${url('target')} -c 'copy users from stdin'`,
    );
    if (share > 0) {
      bash(
        `${psql} -q ${url('source')} -c 'copy (select * from ${table} where id % 10 < ${share}) to stdout' | ${psql} -q ${url('target')} -c 'copy ${table} from stdin'`,
      );
    }
    await sql('checkpoint');
  };
  const copyRows = () =>
    postgresCopyRows.run(
      { from: database('source'), to: database('target'), tables: [{ name: table, where: 'true' }] },
      context(),
    );
  const own = 'postgres.copy-rows';
  await sideBySide(`Rows of ${table} into an empty table`, own, {
    'psql copy | psql copy': {
      aim: 1,
      before: () => before(0),
      work: () =>
        bash(
          `${psql} -q ${url('source')} -c 'copy ${table} to stdout' | ${psql} -q ${url('target')} -c 'copy ${table} from stdin'`,
        ),
    },
    [own]: { before: () => before(0), work: copyRows },
  });
  await sideBySide(`Rows of ${table}, a tenth of which is missing`, own, {
    'psql copy | psql copy to a stage, insert missing': {
      aim: 1,
      before: () => before(9),
      work: () =>
        bash(
          `${psql} -q ${url('source')} -c 'copy ${table} to stdout' | ${psql} -q ${url('target')} -c 'create temp table s (like ${table})' -c 'copy s from stdin' -c 'insert into ${table} overriding system value select * from s on conflict do nothing'`,
        ),
    },
    [own]: { before: () => before(9), work: copyRows },
  });
}

const { serverPid, stop } = startServer();
try {
  await fill('source');
  const [{ size }] = await sql("select pg_size_pretty(pg_database_size('source')) as size");
  console.log(`A database of ${size}, PostgreSQL ${binaries.fullVersion}, ${availableParallelism()} cores`);
  for (const part of process.argv[4] === undefined
    ? [restores, copies]
    : [{ restores, copies }[process.argv[4]]])
    await part();
} finally {
  stop();
  rmSync(folder, { recursive: true, force: true });
}
