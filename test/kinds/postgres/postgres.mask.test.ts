import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { OWNER, query, startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const VARIABLE = 'DRILLBOOK_TEST_MASK_URL';

let postgres: PostgresRig;
let database: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env[VARIABLE] = postgres.url();
  database = { name: 'copy', url: { $ref: 'env', name: VARIABLE } };
  await postgres.sql(`grant create on schema public to ${OWNER.name}`);
});
afterAll(() => postgres.close());

const sql = <T extends object>(text: string): Promise<T[]> => query<T>(postgres.url(), text);

beforeEach(async () => {
  await sql(`drop table if exists users, notes cascade;
    create table users (id int primary key, email varchar(100) unique, phone text);
    create table notes (id int, body text, data jsonb, tags text[]);
    insert into users values (1, 'ada@example.com', '+1 555'), (2, 'Bob@Example.com', null), (3, 'drill@example.com', ''), (4, null, '+1 555');
    insert into notes values (1, 'seen', '{"by": 1}', '{}')`);
});

const EMAIL = { table: 'users', column: 'email', keep: ['drill@example.com'] };

const run = async (columns: readonly ValueMap[]): Promise<ValueMap> =>
  (await kindOf('postgres.mask')).run({ database, columns }, stepRig().context);

const users = () =>
  sql<{ id: number; email: string | null; phone: string | null }>('select * from users order by id');

describe('what is masked', () => {
  test('leads nowhere, each value by the same one; what is kept, empty or null stays', async () => {
    const output = await run([EMAIL, { table: 'public.users', column: 'phone' }]);
    expect(output).toMatchObject({ rows: 4, values: 3 });
    const [ada, bob, drill, nobody] = await users();
    expect(ada!.email).toMatch(/^masked-[0-9a-f]{32}@masked\.invalid$/);
    expect(bob!.email).not.toBe(ada!.email);
    expect(drill).toMatchObject({ email: 'drill@example.com', phone: '' });
    expect(nobody).toMatchObject({ email: null, phone: ada!.phone });
  });

  test('is made with a salt of its own: whoever knows an address cannot find its row', async () => {
    await run([EMAIL]);
    const [first] = await users();
    await sql(`update users set email = 'ada@example.com' where id = 1`);
    await run([EMAIL]);
    const [second] = await users();
    expect(second!.email).not.toBe(first!.email);
  });
});

describe('an original that is left somewhere ends it, and nothing is changed', () => {
  test.each([
    ['in a text', `update notes set body = 'Please call (ADA@example.com), soon.'`, 'notes.body'],
    ['as a whole', `update notes set body = 'ada@example.com'`, 'notes.body'],
    ['in a document', `update notes set data = '{"cc": ["x", "bob@example.com"]}'`, 'notes.data'],
    ['in a list', `update notes set tags = '{a,"ada@example.com"}'`, 'notes.tags'],
    [
      'in another column of the same table',
      `update users set phone = 'ada@example.com' where id = 2`,
      'users.phone',
    ],
    [
      'in a materialized view',
      'create materialized view old as select * from users where id = 1',
      'old.email',
    ],
    [
      'in a name that has to be quoted',
      `create table "odd ""one" ("E-Mail" text); insert into "odd ""one" values ('ada@example.com')`,
      'odd "one.E-Mail',
    ],
  ])('%s', async (_, change, where) => {
    await sql(change);
    const before = await users();
    const error = await failureOf(run([EMAIL]));
    expect(error).toMatchObject({ code: 'leftOver', changed: 'nothing' });
    expect(error.message).toContain(`public.${where} (1 row`);
    expect(await users()).toEqual(before);
    await sql('drop materialized view if exists old; drop table if exists "odd ""one"');
  });

  test('a column too short for it, and a table that is not there', async () => {
    await sql('alter table users alter email type varchar(20)');
    expect(await failureOf(run([EMAIL]))).toMatchObject({ code: '22001' });
    expect(await failureOf(run([{ table: 'nobody', column: 'email' }]))).toMatchObject({
      code: 'noSuchTable',
    });
    expect((await users())[0]!.email).toBe('ada@example.com');
  });
});
