import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.drop-kept');
const KEPT = 'drillbook-run-restore-old';

let postgres: PostgresRig;
let database: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_DROP_KEPT_URL'] = postgres.server.url('peakops');
  database = { name: 'live', url: { $ref: 'env', name: 'DRILLBOOK_TEST_DROP_KEPT_URL' } };
});
afterAll(() => postgres.close());

const drop = (kept: string | null): Promise<ValueMap> => kind.run({ database, kept }, stepRig().context);

test('what was kept is dropped, with the subscription that stands in the way', async () => {
  await postgres.sql(`create database "${KEPT}"`, 'postgres');
  await postgres.sql(
    "create subscription feed connection 'host=localhost' publication p with (connect = false)",
    KEPT,
  );
  const context = stepRig().context;
  expect(await kind.reconcile?.({ database, kept: KEPT }, context)).toEqual({ verdict: 'notHappened' });
  expect(await drop(KEPT)).toEqual({ dropped: true });
  expect(await kind.reconcile?.({ database, kept: KEPT }, context)).toEqual({
    verdict: 'happened',
    output: { dropped: true },
  });
  expect(await drop(KEPT)).toEqual({ dropped: false });
  expect(await drop(null)).toEqual({ dropped: false });
});

test('no database but one that a step has kept can be dropped', async () => {
  for (const name of ['peakops', 'postgres']) {
    expect(await failureOf(drop(name))).toMatchObject({ code: 'usage', changed: 'nothing' });
  }
});

test('says what it does', () => {
  expect(kind.effect({ database, kept: KEPT })).toBe('destructive');
  expect(kind.describe({ database, kept: KEPT })).toBe(`Drop what was kept of live: ${KEPT}`);
});
