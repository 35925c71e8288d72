import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.contents');
let postgres: PostgresRig;
let main: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_CONTENTS_URL'] = postgres.server.url('peakops');
  main = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_CONTENTS_URL' } };
  await postgres.sql(`
    create table one (id int, note text);
    insert into one values (1, 'a'), (2, null), (2, null);
    create table other (id int, note text);
    insert into other values (2, null), (1, 'a'), (2, null);
    create table parted (id int) partition by list (id);
    create table part partition of parted for values in (1);
    insert into parted values (1);
    create schema "My Schema"; create table "My Schema"."My Table" ();
  `);
});
afterAll(() => postgres.close());

const run = (args: ValueMap = {}): Promise<ValueMap> =>
  kind.run({ database: main, ...args }, stepRig().context);

test('the rows of every table, those of partitions once', async () => {
  expect(await run()).toEqual({
    rows: 7,
    tables: [
      { table: 'My Schema.My Table', rows: 0, checksum: null },
      { table: 'public.one', rows: 3, checksum: null },
      { table: 'public.other', rows: 3, checksum: null },
      { table: 'public.parted', rows: 1, checksum: null },
    ],
  });
});

test('a checksum is that of the rows, however they lie, and of how often each is there', async () => {
  const checksums = async (): Promise<readonly unknown[]> => {
    const { tables } = await run({ tables: ['one', 'other'], checksums: ['one', 'other'] });
    return (tables as readonly ValueMap[]).map(({ checksum }) => checksum);
  };
  const [one, other] = await checksums();
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(other).toBe(one);
  await postgres.sql('delete from other where id = 2; insert into other values (2, null), (1, $$a$$)');
  expect((await checksums())[1]).not.toBe(one);
});

test('a table that is not there', async () => {
  expect(await failureOf(run({ tables: ['three'] }))).toMatchObject({ code: 'noSuchTable' });
});
