import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.size');
let postgres: PostgresRig;
let main: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_SIZE_URL'] = postgres.url();
  main = { name: 'peakops-main', url: { $ref: 'env', name: 'DRILLBOOK_TEST_SIZE_URL' } };
  await postgres.sql(
    "create table large as select n, repeat('x', 1000) as filling from generate_series(1, 2000) n",
  );
  await postgres.sql('create table small (n int)');
  await postgres.sql('analyze large');
});
afterAll(() => postgres.close());

const run = (args: ValueMap = {}): Promise<ValueMap> =>
  kind.run({ database: main, ...args }, stepRig().context);

test('the size of the database and its largest tables, whoever owns them', async () => {
  const output = await run();
  expect(output['bytes']).toBeGreaterThan(2_000_000);
  expect(output['size']).toMatch(/^\d+ (kB|MB)$/);
  expect(output['tables']).toEqual([
    { table: 'public.large', bytes: expect.any(Number) as number, rows: 2000 },
    { table: 'public.small', bytes: 0, rows: null },
  ]);
});

test.each([
  [0, 0, false],
  [1, 1, false],
  [2, 2, true],
  [3, 2, true],
])('of %d tables asked for %d are named; all of them: %s', async (largest, named, complete) => {
  const output = await run({ largest });
  expect(output['tables']).toHaveLength(named);
  expect(output['complete']).toBe(complete);
});

test('a server that is not the expected one is not read', async () => {
  const database = { ...main, fingerprint: { systemIdentifier: '1' } };
  expect(await failureOf(run({ database }))).toMatchObject({ code: 'interlock' });
});

test('says what it does', () => {
  expect(kind.effect({ database: main })).toBe('read');
  expect(kind.describe({ database: main })).toBe('Read the size of peakops-main');
});
