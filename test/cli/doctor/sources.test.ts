import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../../engine/cli/doctor/finding.ts';
import { sourceFindings } from '../../../engine/cli/doctor/sources.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { startPostgres } from '../../rig/postgres.ts';
import type { PostgresRig } from '../../rig/postgres.ts';

const VARIABLE = 'DRILLBOOK_TEST_SOURCE_URL';
const STAGING = `
version: 1
name: staging
kind: staging
sources:
  production: { read: [databases.main, buckets.dumps] }
`;

let postgres: PostgresRig;
beforeAll(async () => {
  postgres = await startPostgres();
  await postgres.sql('create schema app create table app.users (id int) create table app.videos (id int)');
});
afterAll(() => postgres.close());

const production = (): string => `
version: 1
name: production
kind: production
aws: { region: us-east-1, account: "123456789012", endpoint: "http://127.0.0.1:1", credentials: { accessKeyId: { env: NOBODY }, secretAccessKey: { env: NOBODY } } }
databases:
  main:
    name: main
    url: { env: ${VARIABLE} }
    fingerprint: { systemIdentifier: "${postgres.systemIdentifier}", host: 127.0.0.1, database: peakops }
buckets:
  dumps: { name: dumps, region: us-east-1, fingerprint: { name: dumps, region: us-east-1, account: "123456789012" } }
`;

/** What doctor says of what is read, where the database is asked as a role of that name. */
async function findingsFor(role: string): Promise<readonly Finding[]> {
  process.env[VARIABLE] = postgres.url('peakops', { name: role, password: 'secret' });
  const find = (): Promise<SourceFile> => Promise.resolve(new SourceFile('production.yaml', production()));
  const { value, diagnostics } = await loadEnvironment(new SourceFile('staging.yaml', STAGING), find);
  expect(diagnostics).toEqual([]);
  const environment = value!;
  const secrets = createSecretResolver(
    () => environment,
    () => undefined,
  );
  return sourceFindings(environment, secrets);
}

const DATABASE = 'what may be done with sources.production.databases.main';

async function rightsOf(role: string): Promise<Finding | undefined> {
  return (await findingsFor(role)).find(({ what }) => what === DATABASE);
}

/** A role, what it is given, and what is said of it. */
const ROLES = [
  ['reader', 'grant pg_read_all_data to reader', 'ok', /^reader may read 2 tables and write to none$/],
  ['nobody', '', 'warning', /^nobody may not read 2 tables, for instance app\.users$/],
  [
    'writer',
    'grant pg_read_all_data to writer; grant update on app.videos to writer',
    'warning',
    /^writer may write to 1 table, for instance app\.videos$/,
  ],
  [
    'editor',
    'grant pg_read_all_data to editor; grant update (id) on app.users to editor',
    'warning',
    /^editor may write to 1 table, for instance app\.users$/,
  ],
  [
    'all_writer',
    'grant pg_read_all_data, pg_write_all_data to all_writer',
    'warning',
    /^all_writer may write to 2 tables/,
  ],
  [
    'builder',
    'grant pg_read_all_data to builder; grant create on schema app to builder',
    'warning',
    /^builder may create in app$/,
  ],
  [
    'superuser',
    'alter role superuser superuser',
    'warning',
    /^superuser may write to 2 tables.*may create in app, public$/,
  ],
] as const;

describe('what is read of another environment', () => {
  test.each(ROLES)('the role %s: %s', async (role, grants, verdict, detail) => {
    await postgres.sql(`create role ${role} login password 'secret'; ${grants}`);
    const found = await rightsOf(role);
    expect(found?.detail).toMatch(detail);
    expect(found?.verdict).toBe(verdict);
  });

  test('a right that a role has only once it takes another is one too', async () => {
    await postgres.sql(`create role owners; grant insert on app.users to owners;
      create role member noinherit login password 'secret'; grant owners to member;
      grant usage on schema app to member; grant select on all tables in schema app to member`);
    expect((await rightsOf('member'))?.detail).toBe('member may write to 1 table, for instance app.users');
  });

  test('who it is is asked where and as whom its own environment says', async () => {
    const findings = await findingsFor('reader');
    const [database] = findings.filter(({ what }) => what === 'sources.production.databases.main');
    expect(`${database?.verdict} ${database?.detail}`).toMatch(/^ok match, /);
    // Nobody is there, and that is told with its path.
    const [bucket] = findings.filter(({ what }) => what === 'sources.production.buckets.dumps');
    expect(`${bucket?.verdict} ${bucket?.detail}`).toMatch(/^problem unreachable/);
  });

  test('of a bucket nobody can tell without writing, and that is said', async () => {
    const findings = await findingsFor('reader');
    const rights = findings.find(
      ({ what }) => what === 'what may be done with sources.production.buckets.dumps',
    );
    expect(rights?.verdict).toBe('warning');
    expect(rights?.detail).toContain('cannot be asked without writing');
    expect(rights?.hint).toContain('IAM');
  });

  test('an environment that reads nothing elsewhere is asked nothing', async () => {
    const { value } = await loadEnvironment(
      new SourceFile('own.yaml', 'version: 1\nname: own\nkind: staging\n'),
    );
    expect(
      await sourceFindings(
        value!,
        createSecretResolver(
          () => value!,
          () => undefined,
        ),
      ),
    ).toEqual([]);
  });
});
