import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('postgres.put-back');
const KEPT = 'drillbook-run-restore-old';
const AWAY = 'drillbook-20251101-1200-abcd-thestep-replaced';

let postgres: PostgresRig;
let database: ValueMap;

beforeAll(async () => {
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_PUT_BACK_URL'] = postgres.server.url('live');
  database = { name: 'live', url: { $ref: 'env', name: 'DRILLBOOK_TEST_PUT_BACK_URL' } };
});
afterAll(() => postgres.close());
beforeEach(async () => {
  for (const name of ['live', KEPT, AWAY]) {
    await postgres.sql(`drop database if exists "${name}" with (force)`, 'postgres');
  }
  await postgres.sql('create database live', 'postgres');
});

const which = (name: string): Promise<object[]> => postgres.sql('select what from which', name);
const putBack = (kept: string | null): Promise<ValueMap> => kind.run({ database, kept }, stepRig().context);

test('the old database has its name again, and the restored one is kept', async () => {
  await postgres.sql("create table which as select 'restored' as what", 'live');
  await postgres.sql(`create database "${KEPT}"`, 'postgres');
  await postgres.sql("create table which as select 'old' as what", KEPT);
  expect(await kind.reconcile?.({ database, kept: KEPT }, stepRig().context)).toEqual({
    verdict: 'notHappened',
  });
  expect(await putBack(KEPT)).toEqual({ kept: AWAY });
  expect(await which('live')).toEqual([{ what: 'old' }]);
  expect(await which(AWAY)).toEqual([{ what: 'restored' }]);
  // A life that was cut off after the swap tells the same, and swaps nothing again.
  expect(await kind.reconcile?.({ database, kept: KEPT }, stepRig().context)).toEqual({
    verdict: 'happened',
    output: { kept: AWAY },
  });
  expect(await putBack(KEPT)).toEqual({ kept: AWAY });
  expect(await which('live')).toEqual([{ what: 'old' }]);
});

test('where nothing was kept it says so, and changes nothing', async () => {
  for (const kept of [null, KEPT]) {
    expect(await failureOf(putBack(kept))).toMatchObject({ code: 'nothingKept', changed: 'nothing' });
  }
});

test('says what it does', () => {
  expect(kind.effect({ database, kept: KEPT })).toBe('destructive');
  expect(kind.describe({ database, kept: KEPT })).toBe('Put back what was in live before the restore');
});
