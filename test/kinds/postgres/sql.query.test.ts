import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, open, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Duration } from '../../../engine/base/duration.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { Value, ValueMap } from '../../../engine/base/value.ts';
import { needing } from '../../rig/needed-programs.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { OWNER, startPostgres } from '../../rig/postgres.ts';
import { failureOf, hurriedClock, kindOf, stepRig } from '../../rig/step.ts';

const VARIABLE = 'DRILLBOOK_TEST_DATABASE_URL';
const url = { $ref: 'env', name: VARIABLE };

let postgres: PostgresRig;
let main: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env[VARIABLE] = postgres.url();
  main = { name: 'peakops-main', url, fingerprint: { systemIdentifier: postgres.systemIdentifier } };
  await postgres.sql(`create table inspections (id bigint generated always as identity, site text not null,
    created_at timestamptz not null default now());
    insert into inspections (site, created_at) select 'site ' || n, '2025-11-01T12:00:00.123456Z'::timestamptz + n * interval '1 microsecond'
    from generate_series(1, 2000) n; grant all on inspections to ${OWNER.name}`);
});
afterAll(() => postgres.close());

async function run(args: ValueMap, rig = stepRig()): Promise<ValueMap> {
  return (await kindOf('sql.query')).run({ database: main, ...args }, rig.context);
}

async function row(query: string, params: readonly Value[] = []): Promise<Value | undefined> {
  const { rows } = await run({ query, params });
  return (rows as readonly ValueMap[])[0];
}

describe('the values of a row', () => {
  test('whole numbers stay whole in a document too, on their way out and in', async () => {
    const id = 9007199254740993n;
    expect(
      await row('select $1::jsonb as there, (select jsonb_agg(n) from unnest(array[$2::int8]) n) as list', [
        { id },
        id,
      ]),
    ).toEqual({ there: { id }, list: [id] });
    expect(await row(`select ('{"id": 9007199254740993}'::json ->> 'id')::int8 as id`)).toEqual({ id });
  });

  test('whole numbers stay whole, of any size', async () => {
    expect(
      await row('select 7::int8 as small, 9007199254740993::int8 as large, count(*) from inspections'),
    ).toEqual({
      small: 7,
      large: 9007199254740993n,
      count: 2000,
    });
  });

  test('a numeric is a number, whole or not', async () => {
    expect(
      await row(
        'select 2.0::numeric as a, 2.5::numeric as b, sum(9007199254740993) as c, avg(n) as d from generate_series(1, 2) n',
      ),
    ).toEqual({ a: 2, b: 2.5, c: 18014398509481986n, d: 1.5 });
  });

  test('a moment keeps its microseconds', async () => {
    expect(await row('select min(created_at) as first from inspections')).toEqual({
      first: Instant.parse('2025-11-01T12:00:00.123457Z'),
    });
  });

  test('times are the same whatever the role prefers', async () => {
    await postgres.sql(
      `alter role ${OWNER.name} set datestyle = 'SQL, DMY'; alter role ${OWNER.name} set timezone = 'Asia/Kolkata'`,
    );
    try {
      expect(await row("select '2025-11-02T03:04:05Z'::timestamptz as at")).toEqual({
        at: Instant.parse('2025-11-02T03:04:05Z'),
      });
    } finally {
      await postgres.sql(`alter role ${OWNER.name} reset all`);
    }
  });

  test('intervals, bytes, JSON, booleans, lists and what has no type of its own', async () => {
    const query = `select '1 day 02:03:04.5'::interval as a, '-00:00:01'::interval as b, '1 month'::interval as c,
      '\\x00ff'::bytea as d, '{"x": [1]}'::jsonb as e, true as f, null as g,
      array[1, null, 3]::int8[] as h, array['a "b"', 'c,d', 'null'] as i, date '2025-11-01' as j, 'infinity'::timestamptz as k,
      array[array[1, 2], array[3, 4]] as l, array['2025-11-01T00:00:00Z'::timestamptz] as m, 'NaN'::float8 as n`;
    expect(await row(query)).toEqual({
      a: Duration.parse('1d2h3m4s500ms'),
      b: Duration.parse('-1s'),
      c: '1 mon',
      d: new Uint8Array([0, 255]),
      e: { x: [1] },
      f: true,
      g: null,
      h: [1, null, 3],
      i: ['a "b"', 'c,d', 'null'],
      j: '2025-11-01',
      k: 'infinity',
      l: [
        [1, 2],
        [3, 4],
      ],
      m: [Instant.parse('2025-11-01T00:00:00Z')],
      n: NaN,
    });
  });
});

describe('parameters', () => {
  test('keep their types and their precision', async () => {
    const at = Instant.parse('2025-11-01T12:00:00.123456Z');
    const params = [at, Duration.parse('1500us'), 9007199254740993n, 'text', 5, true, null] as const;
    const query = `select $1 - $2 as before, pg_typeof($3)::text as big, $4 || '!' as text, $5 + 1 as five, not $6 as no, $7::int as nothing`;
    expect(await row(query, params as readonly Value[])).toEqual({
      before: Instant.parse('2025-11-01T12:00:00.121956Z'),
      big: 'bigint',
      text: 'text!',
      five: 6,
      no: false,
      nothing: null,
    });
  });

  test('a list is an array, a map is JSON', async () => {
    const moments = [Instant.parse('2025-11-01T00:00:00Z') ?? null];
    expect(
      await row(
        `select 3 = any($1) as found, $2::jsonb ->> 'a' as a, $3 as moments, array_length($4::text[], 1) as n`,
        [[1, 2, 3], { a: 'b' }, moments, ['x "y"', 'z\\', null]],
      ),
    ).toEqual({ found: true, a: 'b', moments, n: 3 });
  });

  test('the rows of one microsecond are told from those of the next', async () => {
    const at = Instant.parse('2025-11-01T12:00:00.123460Z');
    expect(await row('select count(*) from inspections where created_at > $1', [at ?? null])).toEqual({
      count: 1996,
    });
  });

  test('names are placed by part, quoted', async () => {
    await postgres.sql(
      `create schema "odd.schema"; create table "odd.schema"."a ""b""" (n int); grant usage on schema "odd.schema" to ${OWNER.name}; grant select on "odd.schema"."a ""b""" to ${OWNER.name}`,
    );
    const identifiers = { table: 'public.inspections', odd: ['odd.schema', 'a "b"'] };
    const { rows } = await run({
      query: `select (select count(*) from {table}) as a, (select count(*) from {odd}) as b, '{"c": 1}'::json as c`,
      identifiers,
    });
    expect(rows).toEqual([{ a: 2000, b: 0, c: { c: 1 } }]);
  });

  test('a name that has no place in the text is a mistake', async () => {
    const error = await failureOf(run({ query: 'select 1', identifiers: { table: 'users' } }));
    expect(error).toMatchObject({ code: 'usage', message: expect.stringContaining('{table}') as string });
  });
});

describe('it only reads', () => {
  const isNone = (code: string): object => ({
    code,
    changed: 'nothing',
    message: expect.stringContaining('only a query can be asked here') as string,
    hint: expect.stringContaining('sql.execute') as string,
  });

  test.each([
    ["insert into inspections (site) values ('x')"],
    ["copy (select 1) to program 'true'"],
    ['commit'],
    ['set transaction read write'],
    ['set role postgres'],
    ["  -- select\n  do 'begin end'"],
    ['call nothing()'],
    ['lock table inspections'],
    ['listen x'],
    ['vacuum'],
    ['explain analyze delete from inspections'],
    ['show server_version'],
    [''],
  ])('%s is no query', async (query) => {
    expect(await failureOf(run({ query }))).toMatchObject(isNone('42601'));
  });

  test('nor is one that writes on its way', async () => {
    const query = "with new as (insert into inspections (site) values ('x') returning id) select * from new";
    expect(await failureOf(run({ query }))).toMatchObject(isNone('0A000'));
  });

  test('what writes from within a query is refused by the server', async () => {
    await postgres.sql(`create sequence numbers; grant all on sequence numbers to ${OWNER.name};
      create function add_site() returns void language sql as 'insert into inspections (site) values (''x'')'`);
    const error = await failureOf(run({ query: 'select add_site()' }));
    expect(error).toMatchObject({
      code: '25006',
      changed: 'nothing',
      hint: expect.stringContaining('sql.execute') as string,
    });
    for (const query of [
      "select nextval('numbers')",
      'select * from inspections for update',
      'select 1 as n into more',
      "select set_config('transaction_read_only', 'off', false)",
    ]) {
      expect((await failureOf(run({ query }))).changed, query).toBe('nothing');
    }
    expect(await row('select count(*) from inspections')).toEqual({ count: 2000 });
  });

  test.each([
    ['select pg_terminate_backend(pid) from pg_stat_activity'],
    ['select Pg_Reload_Conf ()'],
    ['select pg_catalog."pg_switch_wal"()'],
    ["select dblink_exec('host=127.0.0.1', 'delete from inspections')"],
    ["select * from dblink('', 'select 1') as t (n int)"],
    ["select lo_export(1, '/tmp/x')"],
    ["select pg_create_physical_replication_slot('x')"],
  ])('%s acts outside of the transaction', async (query) => {
    expect(await failureOf(run({ query }))).toMatchObject({ code: 'actsOutside', changed: 'nothing' });
  });

  test('the name of such a function in a text or a comment is none', async () => {
    expect(
      await row("select 'lo_export(1)' as a /* pg_promote() */, $$dblink_exec($$ as b -- pg_promote()"),
    ).toEqual({
      a: 'lo_export(1)',
      b: 'dblink_exec(',
    });
  });

  test('a second statement is refused', async () => {
    expect(await failureOf(run({ query: 'commit; delete from inspections' }))).toMatchObject({
      code: '42601',
    });
    expect(await failureOf(run({ query: 'select 1; delete from inspections' }))).toMatchObject({
      code: '42601',
    });
  });

  test('more rows than asked for are an error, and memory stays flat', async () => {
    const before = process.memoryUsage().heapUsed;
    const error = await failureOf(
      run({ query: "select repeat('x', 1000) from generate_series(1, 2000000)", maxRows: 10 }),
    );
    expect(error).toMatchObject({ code: 'tooManyRows', details: { maxRows: 10 } });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000);
    expect((await run({ query: 'select 1 as n', maxRows: 1 }))['count']).toBe(1);
  });
});

describe('what went wrong is said', () => {
  test('in the statement: where', async () => {
    const error = await failureOf(run({ query: 'select id,\n  nothing from inspections' }));
    expect(error).toMatchObject({
      code: '42703',
      message: 'column "nothing" does not exist (line 2, column 3)',
      details: { position: { line: 2, column: 3 } },
    });
    expect(await failureOf(run({ query: 'select id frm inspections' }))).toMatchObject({
      message: 'syntax error at or near "inspections" (line 1, column 15)',
    });
  });

  const cases: readonly (readonly [string, () => string, string, RegExp])[] = [
    [
      'a wrong password',
      () => postgres.url('peakops', { name: OWNER.name, password: 'wrong' }),
      '28P01',
      /wrong password/,
    ],
    ['no such database', () => postgres.url('nowhere'), '3D000', /no such database/],
    ['nobody there', () => 'postgres://u:p@127.0.0.1:1/db', 'unreachable', /connection is refused/],
    ['an unknown host', () => 'postgres://u:p@no-such-host.invalid/db', 'dns', /cannot be resolved/],
    ['no TLS where it is demanded', () => `${postgres.url()}?sslmode=require`, 'tls', /has no TLS/],
    [
      'not an address',
      () => 'host=localhost user=secret-user',
      'badConnectionString',
      /of the form postgres:\/\/…@host/,
    ],
  ];
  test.each(cases)('%s', async (_name, address, code, message) => {
    process.env['DRILLBOOK_TEST_OTHER_URL'] = address();
    const database = { name: 'other', url: { $ref: 'env', name: 'DRILLBOOK_TEST_OTHER_URL' } };
    const error = await failureOf(run({ database, query: 'select 1' }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('secret-user');
    expect(error.changed).toBe('nothing');
  });

  test('a page that is damaged on disk', async () => {
    await postgres.sql(`create table damaged as select repeat('x', 100) as t from generate_series(1, 500);
      grant select on damaged to public; checkpoint`);
    const [file] = await postgres.sql<{ path: string }>("select pg_relation_filepath('damaged') as path");
    await postgres.server.stop();
    const handle = await open(join(postgres.server.data, file?.path ?? ''), 'r+');
    await handle.write(randomBytes(64), 0, 64, 4000);
    await handle.close();
    await postgres.server.start();
    const error = await failureOf(run({ query: 'select count(t) from damaged' }));
    expect(error).toMatchObject({
      code: 'XX001',
      message: expect.stringContaining('invalid page in block 0') as string,
      hint: expect.stringContaining('damaged') as string,
    });
  });

  test('a variable that is not set, by its name', async () => {
    const database = { name: 'other', url: { $ref: 'env', name: 'DRILLBOOK_TEST_NOT_SET' } };
    const error = await failureOf(run({ database, query: 'select 1' }));
    expect(error).toMatchObject({
      code: 'secretMissing',
      message: expect.stringContaining('DRILLBOOK_TEST_NOT_SET') as string,
    });
  });

  test('a host that never answers', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    process.env['DRILLBOOK_TEST_OTHER_URL'] =
      `postgres://u:p@127.0.0.1:${(silent.address() as AddressInfo).port}/db`;
    const rig = stepRig();
    const database = { name: 'silent', url: { $ref: 'env', name: 'DRILLBOOK_TEST_OTHER_URL' } };
    const work = run({ database, query: 'select 1' }, rig);
    silent.once('connection', () => rig.abort());
    await expect(work).rejects.toThrow('stopped');
    silent.close();
  });
});

describe('TLS', needing('openssl'), () => {
  const at = (query: string): ValueMap => {
    process.env['DRILLBOOK_TEST_OTHER_URL'] = postgres.url() + query;
    return { name: 'main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_OTHER_URL' } };
  };
  const encrypted = async (query: string): Promise<unknown> =>
    (await run({ database: at(query), query: 'select ssl from pg_stat_ssl where pid = pg_backend_pid()' }))[
      'rows'
    ];

  test('is left out where the server has none and the address does not demand it', async () => {
    expect(await encrypted('?sslmode=prefer')).toEqual([{ ssl: false }]);
  });

  test('is used as psql would use it where the server has it', async () => {
    const { data } = postgres.server;
    await makeCertificate(data);
    const { uid, gid } = await stat(data);
    for (const name of ['server.key', 'server.crt']) await chown(join(data, name), uid, gid);
    await postgres.server.stop();
    await postgres.server.start({ ssl: 'on' });
    expect(await encrypted('?sslmode=prefer')).toEqual([{ ssl: true }]);
    expect(await encrypted('?sslmode=require')).toEqual([{ ssl: true }]);
    expect(await encrypted(`?sslmode=verify-ca&sslrootcert=${join(data, 'server.crt')}`)).toEqual([
      { ssl: true },
    ]);
    expect(await failureOf(encrypted('?sslmode=verify-full'))).toMatchObject({ code: 'tls' });
  });

  test('that the server demands and the address forbids', async () => {
    const hba = join(postgres.server.data, 'pg_hba.conf');
    const before = await readFile(hba, 'utf8');
    await writeFile(hba, `hostnossl all ${OWNER.name} all reject\n${before}`);
    await postgres.sql('select pg_reload_conf()');
    try {
      const error = await failureOf(encrypted('?sslmode=disable'));
      expect(error).toMatchObject({
        code: '28000',
        message: expect.stringContaining('demands TLS') as string,
      });
    } finally {
      await writeFile(hba, before);
      await postgres.sql('select pg_reload_conf()');
    }
  });
});

describe('the interlock', () => {
  test('another server than the fingerprint names is refused on the connection', async () => {
    const database = { ...main, fingerprint: { systemIdentifier: '7300000000000000000' } };
    const error = await failureOf(run({ database, query: 'select 1' }));
    expect(error).toMatchObject({ code: 'interlock', changed: 'nothing' });
    expect(error.message).toContain(postgres.systemIdentifier);
  });

  test('another place than the fingerprint names is refused too: a copy has the same system identifier', async () => {
    const database = {
      ...main,
      fingerprint: { systemIdentifier: postgres.systemIdentifier, host: 'db.example.com' },
    };
    expect(await failureOf(run({ database, query: 'select 1' }))).toMatchObject({ code: 'interlock' });
  });
});

describe('a connection that vanishes', () => {
  test('is made again once, and the log says so', async () => {
    await postgres.sql('create sequence attempts; grant usage on attempts to public');
    const [before] = await postgres.sql<{ n: number }>("select nextval('attempts')::int as n");
    const clock = {
      ...hurriedClock(),
      // The server is well again before the second try.
      async sleep() {
        await postgres.sql("select nextval('attempts')");
      },
    };
    const rig = stepRig({ clock });
    const query = 'select case when last_value = $1 then hang_up() end as ended from attempts';
    await postgres.sql(`grant select on attempts to public;
      create function hang_up() returns boolean language sql as 'select pg_terminate_backend(pg_backend_pid())'`);
    expect((await run({ query, params: [before?.n ?? null] }, rig))['rows']).toEqual([{ ended: null }]);
    expect(rig.logs).toEqual(['The connection to peakops-main was lost; connecting again']);
    expect(rig.activities).toEqual([
      expect.objectContaining({ class: 'retry' }),
      expect.objectContaining({ class: 'working' }),
    ]);
  });

  test('an abort cancels the statement at the server', async () => {
    const rig = stepRig();
    const work = run({ query: 'select pg_sleep(600) /* long */' }, rig);
    const running =
      "select count(*)::int as n from pg_stat_activity where query like '%/* long */%' and state = 'active' and pid <> pg_backend_pid()";
    const count = async (): Promise<number> => (await postgres.sql<{ n: number }>(running))[0]?.n ?? 0;
    await expect.poll(count).toBe(1);
    rig.abort();
    await expect(work).rejects.toThrow('stopped');
    await expect.poll(count).toBe(0);
  });
});

/** A self-signed certificate for `localhost`, in the place where the server looks for it. */
async function makeCertificate(folder: string): Promise<void> {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    join(folder, 'server.key'),
  ];
  const certificate = ['-x509', '-days', '1', '-subj', '/CN=localhost', '-out', join(folder, 'server.crt')];
  await promisify(execFile)('openssl', ['req', ...key, ...certificate]);
}

test('every text of the connection string that is secret is told to the redactor', async () => {
  const rig = stepRig();
  await run({ query: 'select 1' }, rig);
  expect(rig.revealed).toEqual(
    expect.arrayContaining([postgres.url(), OWNER.password, encodeURIComponent(OWNER.password)]),
  );
});

test('says what it would do, and how to do it by hand', async () => {
  const kind = await kindOf('sql.query');
  const at = Instant.parse('2025-11-01T00:00:00Z') ?? null;
  const args = {
    database: main,
    query: 'select count(*) from {t} where created_at > $1 and site <> $2\n',
    params: [at, "it's"],
    identifiers: { t: 'inspections' },
  };
  expect(kind.describe(args)).toBe('Query the database peakops-main');
  expect(kind.byHand?.(args, stepRig().context.environment)).toBe(
    `PGOPTIONS='-c default_transaction_read_only=on' psql "$${VARIABLE}" <<'SQL'
prepare step as select count(*) from "inspections" where created_at > $1 and site <> $2;
execute step('2025-11-01T00:00:00.000Z', 'it''s');
SQL`,
  );
  expect(kind.targets(args)).toEqual([{ group: 'databases', target: main, effect: 'read' }]);
});
