import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { makeDumps } from '../../rig/backups.ts';
import type { PostgresRig } from '../../rig/postgres.ts';
import { startPostgres } from '../../rig/postgres.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const load = await kindOf('postgres.load-sql');
let postgres: PostgresRig;
let dumps: string;
let target: ValueMap;

beforeAll(async () => {
  dumps = mkdtempSync(join(tmpdir(), 'drillbook-test-dumps-'));
  await makeDumps(dumps);
  postgres = await startPostgres();
  process.env['DRILLBOOK_TEST_LOAD_URL'] = postgres.url();
  target = { name: 'copy', url: { $ref: 'env', name: 'DRILLBOOK_TEST_LOAD_URL' } };
  // A dozen programs of PostgreSQL.
}, 300_000);
afterAll(async () => {
  await postgres.close();
  rmSync(dumps, { recursive: true, force: true });
});

const at = (name: string): string => join(dumps, name, 'shop');
const loading = (from: string): Promise<ValueMap> => load.run({ from, to: target }, stepRig().context);
const anew = async (): Promise<void> => {
  await postgres.sql('drop database peakops', 'postgres');
  await postgres.sql('create database peakops owner peakops_user', 'postgres');
};

describe('a dump of plain SQL', () => {
  test.each(['plain', 'compressed', 'inserts'])(
    '%s is loaded to the last row, by a role that owns nothing of it',
    async (name) => {
      await anew();
      const output = await loading(at(name));
      expect(output).toMatchObject({
        tables: ['public.canary', 'public.customers', 'public.orders'],
        warnings: [],
      });
      const [row] = await postgres.sql<{ n: string; note: string }>(
        'select count(*)::text as n, min(note) as note from orders',
      );
      expect(row?.n).toBe('2000');
      expect(row?.note).toMatch(/^it's \\ "\n" /);
    },
  );

  test('into a database that holds something is refused', async () => {
    expect(await failureOf(loading(at('plain')))).toMatchObject({ code: 'notEmpty' });
  });

  test.each([
    ['cutPlain', 'damagedDump'],
    ['cutCompressed', 'damagedDump'],
    ['command', 'commandInDump'],
    ['empty', 'emptyDump'],
    ['noDump', 'notADump'],
    ['custom', 'notADump'],
  ])('%s is refused as %s, and leaves nothing', async (name, code) => {
    await anew();
    expect(await failureOf(loading(at(name)))).toMatchObject({ code });
    expect(await postgres.sql("select 1 from pg_tables where schemaname = 'public'")).toEqual([]);
  });

  test('what the server warns of is told', async () => {
    await anew();
    expect(await loading(at('warns'))).toMatchObject({ warnings: ['mind the gap'] });
  });

  test('a statement that fails takes all back', async () => {
    await anew();
    const bad = join(dumps, 'bad');
    writeFileSync(bad, readFileSync(at('plain'), 'utf8').replace('SET row_security', 'select 1 / 0;\n$&'));
    expect(await failureOf(loading(bad))).toMatchObject({
      message: expect.stringContaining('division by zero') as string,
    });
    expect(await postgres.sql("select 1 from pg_tables where schemaname = 'public'")).toEqual([]);
  });
});
