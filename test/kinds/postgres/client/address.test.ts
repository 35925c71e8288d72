// @module-tag needs/pg_dump
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../engine/kinds/postgres/client/address.ts';
import { findClientTools } from '../../../../engine/kinds/postgres/client/client-tools.ts';
import { openDatabase } from '../../../../engine/kinds/postgres/client/connection.ts';
import { rowsOf } from '../../../../engine/kinds/postgres/client/server.ts';
import { StepError } from '../../../../engine/model/kind.ts';
import type { PostgresRig } from '../../../rig/postgres.ts';
import { startPostgres } from '../../../rig/postgres.ts';
import { failureOf, stepRig } from '../../../rig/step.ts';

const run = promisify(execFile);

describe('a connection string that is taken', () => {
  test.each([
    [
      'postgres://app:p%40ss@db.example:6432/main',
      { host: 'db.example', port: 6432, user: 'app', password: 'p@ss', database: 'main' },
    ],
    ['postgresql://db.example/main?user=app&password=x', { user: 'app', password: 'x', database: 'main' }],
    [
      'postgres://app@/main?host=/run/postgresql&port=5433',
      { host: '/run/postgresql', port: 5433, tls: 'disable' },
    ],
    ['postgres://app@%2Frun%2Fpostgresql/main', { host: '/run/postgresql', port: 5432 }],
    ['postgres://app@[::1]:5433/main', { host: '::1', port: 5433, tls: 'disable' }],
    ['postgres:///main', { host: 'localhost', user: 'postgres', database: 'main' }],
    ['postgres://app@db.example', { database: 'app', password: undefined }],
    ['postgres://app@db.example/main?dbname=other', { database: 'other' }],
    [
      'postgres://app@db.example/main?sslmode=verify-full&sslrootcert=/ca.pem',
      { tls: 'verify-full', rootCertificate: '/ca.pem' },
    ],
    ['postgres://app@db.example/main?options=-csearch_path%3Dtenant', { options: '-csearch_path=tenant' }],
    [
      'postgres://app@db.example/main?application_name=web&connect_timeout=3',
      { applicationName: 'web', connectTimeoutMs: 3000 },
    ],
    ['postgres://app@db.example/main?target_session_attrs=any&gssencmode=disable', { host: 'db.example' }],
  ])('%s', (url, expected) => {
    expect(parseAddress(url)).toMatchObject(expected);
  });
});

describe('a connection string that is refused', () => {
  /** Each parameter of libpq that is not honoured, by its name. */
  const OTHERS =
    `hostaddr passfile require_auth keepalives keepalives_idle keepalives_interval keepalives_count
    tcp_user_timeout replication sslcompression sslcert sslkey sslpassword sslcertmode sslcrl sslcrldir sslsni requirepeer
    ssl_min_protocol_version ssl_max_protocol_version sslnegotiation min_protocol_version max_protocol_version krbsrvname
    gsslib gssdelegation scram_client_key scram_server_key service servicefile load_balance_hosts fallback_application_name
    oauth_issuer oauth_client_id oauth_client_secret oauth_scope sslkeylogfile ssl schema nobodyKnowsIt`.split(
      /\s+/,
    );
  test.each<[string, string]>([
    ...OTHERS.map((name): [string, string] => [`postgres://app@db/main?${name}=1`, `"${name}"`]),
    ['postgres://app@db/main?target_session_attrs=read-write', '"target_session_attrs"'],
    ['postgres://app@db/main?channel_binding=require', '"channel_binding"'],
    ['postgres://app@db/main?sslmode=yes', '"sslmode"'],
    ['postgres://app@db/main?connect_timeout=soon', '"connect_timeout"'],
    ['postgres://app@db/main?user=a&user=b', '"user" twice'],
    ['postgres://app:s3cret%zz@db/main', 'a % in the password'],
    ['postgres://app:x@db/ma%in', 'a % in the name of the database'],
    ['postgres://app:x@one:5432,two:5432/main', 'several hosts'],
    ['postgres://app@/main?host=one,two', 'several hosts'],
    ['postgres://app:x@db:80000/main', 'a port'],
    ['postgres://app:x@db:many/main', 'a port'],
    ['postgres://app:s3cret@x@db/main', 'form'],
    ['mysql://app:x@db/main', 'form'],
    ['host=db user=app', 'form'],
    ['', 'form'],
  ])('%s', (url, says) => {
    try {
      parseAddress(url);
    } catch (error) {
      expect(error).toBeInstanceOf(StepError);
      const { code, message, hint } = error as StepError;
      expect(code).toBe('badConnectionString');
      expect(message).toContain(says);
      expect(`${message} ${hint ?? ''}`).not.toContain('s3cret');
      return;
    }
    throw new Error('it was taken');
  });
});

describe('beside psql, on a server', () => {
  let postgres: PostgresRig;
  let psql: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    psql = join((await findClientTools(15, 'the test')).folder, 'psql');
    await postgres.sql(
      "create schema tenant; create table tenant.t as select 'tenant' as whose; grant usage on schema tenant to peakops_user; grant select on tenant.t to peakops_user",
    );
    await postgres.sql("create table t as select 'public' as whose; grant select on t to peakops_user");
  });
  afterAll(() => postgres.close());
  afterEach(() => {
    delete process.env['PGPASSWORD'];
    delete process.env['PGOPTIONS'];
    delete process.env['PGAPPNAME'];
    delete process.env['DRILLBOOK_TEST_ADDRESS_URL'];
  });

  const QUERY = `select whose || ' ' || current_user || ' ' || current_setting('application_name') as said from t`;
  async function said(url: string): Promise<unknown> {
    process.env['DRILLBOOK_TEST_ADDRESS_URL'] = url;
    const target = { name: 'main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_ADDRESS_URL' } };
    const session = await openDatabase(target, stepRig().context);
    try {
      return (await rowsOf(session, QUERY))[0]?.['said'];
    } finally {
      await session.close();
    }
  }

  test.each(['application_name=x', 'application_name=x&options=-csearch_path%3Dtenant'])(
    'the same is read with ?%s',
    async (query) => {
      const url = `${postgres.url()}?${query}`;
      const { stdout } = await run(psql, [url, '-qXAtc', QUERY]);
      expect(await said(url)).toBe(stdout.trim());
    },
  );

  test('nothing of the shell comes in', async () => {
    process.env['PGOPTIONS'] = '-csearch_path=tenant';
    process.env['PGAPPNAME'] = 'shell';
    expect(await said(postgres.url())).toBe('public peakops_user drillbook');
    process.env['PGPASSWORD'] = 'p@ss/word';
    const without = postgres.url().replace(/:[^:@]+@/, '@');
    expect(await failureOf(said(without))).toMatchObject({ code: 'badConnectionString' });
  });
});
