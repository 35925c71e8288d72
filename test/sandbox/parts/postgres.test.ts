// @module-tag needs/pg_dump
// @module-tag needs/pg_restore
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findClientProgram } from '../../../engine/sandbox/postgres/client-programs.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import { environmentOf, open, planOf, secretIn, stateOf } from '../parts-rig.ts';
import { query } from '../rig.ts';

const PG = createRequire(import.meta.url).resolve('pg');

const SEED = "create table orders (note text);\ninsert into orders values ('first');\n";

const MIGRATE = `
const { Client } = require(${JSON.stringify(PG)});
const client = new Client(process.env.DATABASE_URL);
client.connect()
  .then(() => client.query("insert into orders values ('by ' || current_user || ' of ' || $1)", [process.env.PGDATABASE]))
  .then(() => client.end());
`;

const plan = (args: string, files: Readonly<Record<string, string | Buffer>>): ReturnType<typeof planOf> =>
  planOf(
    `parts: { db: { uses: postgres, with: ${args} } }\nenvironment: { databases: { main: "\${{ parts.db }}" } }\n`,
    files,
  );

interface WithMain {
  readonly databases: { readonly main: { readonly url: { readonly file: string } } };
}

const urlOf = async (world: World): Promise<string> =>
  secretIn((await environmentOf<WithMain>(world)).databases.main.url);

const notesIn = async (world: World): Promise<readonly string[]> =>
  (await query<{ note: string }>(await urlOf(world), 'select note from orders order by note')).map(
    ({ note }) => note,
  );

test('a database is filled by SQL, then by a command, as its owner', async () => {
  const world = await open(
    plan('{ seed: seed.sql, migrate: [node, migrate.cjs] }', { 'seed.sql': SEED, 'migrate.cjs': MIGRATE }),
  );
  expect(await notesIn(world)).toEqual(['by app of app', 'first']);
});

test('a database and the role that owns it have the names that they are given', async () => {
  const named = '{ database: shop, user: clerk, seed: seed.sql, migrate: [node, migrate.cjs] }';
  const world = await open(plan(named, { 'seed.sql': SEED, 'migrate.cjs': MIGRATE }));
  expect(await notesIn(world)).toEqual(['by clerk of shop', 'first']);
  const { databases } = await environmentOf<WithMain>(world);
  expect(databases.main).toMatchObject({ database: 'shop', fingerprint: { database: 'shop' } });
});

test('a database is filled from a dump', async () => {
  const first = await open(plan('{ seed: seed.sql }', { 'seed.sql': SEED }));
  const file = join(temporaryFolder(), 'orders.dump');
  const program = (await findClientProgram('pg_dump', 15)) ?? '';
  await promisify(execFile)(program, ['--format=custom', '--file', file, '--dbname', await urlOf(first)]);
  const second = await open(
    plan('{ database: shop, seed: orders.dump }', { 'orders.dump': readFileSync(file) }),
  );
  expect(await notesIn(second)).toEqual(['first']);
});

test('servers of two versions run side by side in one world', async () => {
  const world = await open(
    planOf(`
parts: { old: { uses: postgres, with: { version: 15 } }, new: { uses: postgres, with: { version: 18 } } }
environment: { databases: { main: "\${{ parts.new }}", other: "\${{ parts.old }}" } }
`),
  );
  const [told] = await query<{ server_version: string }>(await urlOf(world), 'show server_version');
  expect(told?.server_version).toMatch(/^18/);
  expect(await stateOf(world, 'old')).toMatchObject({ version: expect.stringMatching(/^15/) as string });
});

test('a version that is not here is told before anything starts, with those that are', async () => {
  const other = planOf(
    'parts: { app: { uses: process, with: { command: [no-such-program] } }, db: { uses: postgres, with: { version: 28 } } }\nenvironment: {}\n',
  );
  await expect(open(other)).rejects.toThrow(
    /the part db: PostgreSQL 28 is not on this machine: there is 15 and 18\. Install it: /,
  );
});

test.each([
  ['SQL, by its line', '{ seed: seed.sql }', /the part db could not be filled: seed\.sql:2: .*"insrt"/],
  [
    'a command, by what it printed',
    '{ migrate: [node, -e, "console.error(41 + 1); process.exit(3)"] }',
    /node -e .*: it ended with 3\n42/,
  ],
  [
    'a command that is not there',
    '{ migrate: [no-such-migration] }',
    /there is no program no-such-migration here/,
  ],
])('what does not fill it is told: %s', async (_, args, said) => {
  const files = { 'seed.sql': 'create table orders (note text);\ninsrt into orders;\n' };
  await expect(open(plan(args, files))).rejects.toThrow(said);
});
