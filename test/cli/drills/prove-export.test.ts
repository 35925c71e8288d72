import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { JsonObject } from '../../../engine/base/json.ts';
import { describeBackup } from '../../rig/backups.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { query } from '../../rig/postgres.ts';
import { RENDER_KEY_VARIABLE, renderWithDatabase } from '../../rig/render.ts';
import { kindOf } from '../../rig/step.ts';

const LONG_MS = 600_000;
const { render, rig, stepWith } = await renderWithDatabase();

beforeAll(async () => {
  await query(rig.database.url, 'create table orders as select generate_series(1, 1000) as id');
}, LONG_MS);

interface Check {
  readonly id: string;
  readonly verdict: string;
  readonly reading: string;
}

async function prove(cwd: string, about: JsonObject): Promise<readonly Check[]> {
  describeBackup(join(cwd, 'playbooks'), 'shop', {
    export: {
      ...{ database: rig.database.id, api: render.api, key: { env: RENDER_KEY_VARIABLE } },
      ...about,
    },
    checks: { age: '1h', tables: { orders: { rows: 1000 } } },
  });
  const { stdout, stderr } = await drillbook(['prove', '--json'], { cwd });
  expect(stderr).toBe('');
  const card = JSON.parse(stdout) as { readonly backups: readonly { readonly checks: readonly Check[] }[] };
  return card.backups[0]?.checks ?? [];
}

const notProven = (checks: readonly Check[]): readonly string[] =>
  checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id);

it('an export of Render is found, brought here, restored and checked', { timeout: LONG_MS }, async () => {
  const cwd = temporaryFolder();
  const none = await prove(cwd, {});
  expect(notProven(none)).toEqual(['Newest']);
  expect(none.slice(1).every(({ verdict }) => verdict === 'skipped')).toBe(true);

  const exporting = await kindOf('render.export-postgres');
  await exporting.run({ database: rig.target }, stepWith().context);
  const name = rig.database.databaseName;
  const asked = render.requests.length;
  const checks = await prove(cwd, { name });
  expect(checks.filter(({ verdict }) => verdict !== 'proven')).toEqual([]);
  expect(checks.map(({ id }) => id)).toEqual([
    ...['Newest', 'Fetched', 'Found', 'Age', 'Size', 'Restored', 'Contents', 'RowsOrders'],
  ]);
  // It is only read, and nothing of it stays.
  expect(render.requests.slice(asked).filter((request) => !request.startsWith('GET '))).toEqual([]);
  const left = readdirSync(cwd, { recursive: true, encoding: 'utf8' });
  expect(left.filter((path) => path.includes('export'))).toEqual([]);

  expect(notProven(await prove(cwd, { name: 'another' }))).toEqual(['Found']);
  expect((await prove(cwd, { key: { env: 'NOBODY_SETS_THIS' } }))[0]).toMatchObject({ verdict: 'failed' });

  const [export_] = rig.database.exports.all;
  if (export_ !== undefined) Object.assign(export_, { createdAt: new Date(Date.now() - 2 * 3_600_000) });
  expect(notProven(await prove(cwd, { name }))).toEqual(['Age']);
});
