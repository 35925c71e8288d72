import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { OWNER, startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const VARIABLE = 'DRILLBOOK_TEST_EXECUTE_URL';

let postgres: PostgresRig;
let main: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env[VARIABLE] = postgres.url();
  main = {
    name: 'peakops-main',
    url: { $ref: 'env', name: VARIABLE },
    fingerprint: { systemIdentifier: postgres.systemIdentifier },
    $target: 'databases.main',
  };
});
afterAll(() => postgres.close());
beforeEach(() =>
  postgres.sql(`drop table if exists users; create table users (id int primary key, email text);
    insert into users select n, 'user' || n from generate_series(1, 10) n; grant all on users to ${OWNER.name}`),
);

async function run(args: ValueMap, rig = stepRig()): Promise<ValueMap> {
  return (await kindOf('sql.execute')).run({ database: main, ...args }, rig.context);
}

const count = async (): Promise<number> =>
  (await postgres.sql<{ n: number }>('select count(*)::int as n from users'))[0]?.n ?? -1;

test('tells how many rows it changed', async () => {
  expect(
    await run({ statement: 'delete from {t} where id > $1', params: [7], identifiers: { t: 'users' } }),
  ).toEqual({
    rowCount: 3,
  });
  expect(await count()).toBe(7);
});

test('a statement without rows works, outside a transaction too', async () => {
  expect(await run({ statement: 'create index on users (email)' }).catch(String)).toMatch(/must be owner/);
  expect(await run({ statement: 'vacuum' })).toEqual({ rowCount: 0 });
});

test('a statement that fails leaves nothing behind, and the error says so', async () => {
  const error = await failureOf(run({ statement: "insert into users values (11, 'new'), (3, 'twice')" }));
  expect(error).toMatchObject({
    code: '23505',
    changed: 'nothing',
    retryable: false,
    details: { table: 'users', constraint: 'users_pkey' },
  });
  expect(await count()).toBe(10);
});

test('nothing reaches a server that is not the expected one', async () => {
  const database = { ...main, fingerprint: { systemIdentifier: '1' } };
  expect(await failureOf(run({ database, statement: 'delete from users' }))).toMatchObject({
    code: 'interlock',
  });
  expect(await count()).toBe(10);
});

test('a connection that breaks under a write leaves it open whether it happened', async () => {
  const error = await failureOf(
    run({ statement: 'delete from users where pg_terminate_backend(pg_backend_pid())' }),
  );
  expect(error).toMatchObject({ changed: 'maybe', retryable: true });
  expect(await count()).toBe(10);
});

test('an abort takes the statement back', async () => {
  const rig = stepRig();
  const work = run({ statement: 'delete from users where pg_sleep(60) is not null' }, rig);
  const running =
    "select count(*)::int as n from pg_stat_activity where query like 'delete%' and state = 'active'";
  await expect.poll(async () => (await postgres.sql<{ n: number }>(running))[0]?.n).toBe(1);
  rig.abort();
  await expect(work).rejects.toThrow('stopped');
  await expect.poll(async () => (await postgres.sql<{ n: number }>(running))[0]?.n).toBe(0);
  expect(await count()).toBe(10);
});

test('said to only read, it is held to that', async () => {
  const reading = (statement: string): Promise<ValueMap> => run({ statement }, stepRig({ onlyReads: true }));
  expect(await reading('select * from users')).toEqual({ rowCount: 10 });
  await postgres.sql(`create or replace function wipe() returns void language sql as 'delete from users';
    grant all on function wipe() to public`);
  for (const statement of [
    "insert into users values (11, 'new')",
    'with gone as (delete from users returning id) select * from gone',
    'truncate users',
    'commit',
    'select wipe()',
    'select pg_reload_conf()',
  ]) {
    expect((await failureOf(reading(statement))).changed, statement).toBe('nothing');
  }
  expect(await count()).toBe(10);
});

test('its effect is for its step to say', async () => {
  const kind = await kindOf('sql.execute');
  const args = { database: main, statement: 'truncate users' };
  expect(kind.effect(args)).toBe('unknown');
  expect(kind.asReading?.(args)).toBe('held');
  expect(kind.targets(args)).toEqual([
    { group: 'databases', path: 'databases.main', target: main, effect: 'unknown' },
  ]);
  expect(kind.describe(args)).toBe('Execute a statement on the database peakops-main');
  expect(kind.byHand?.(args, stepRig().context.environment)).toBe(
    `psql "$${VARIABLE}" <<'SQL'\ntruncate users;\nSQL`,
  );
});
