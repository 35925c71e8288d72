import { beforeAll, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import { renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.backups');
const { rig, stepWith } = await renderWithDatabase();

beforeAll(() => {
  for (const [day, ready] of [
    ['2025-10-28', true],
    ['2025-10-30', true],
    ['2025-10-31', false],
  ] as const) {
    rig.database.exports.all.push({
      id: `${rig.database.id}/${day}T03:00Z`,
      createdAt: new Date(`${day}T03:00:00Z`),
      fileName: `${day}T03_00Z.dir.tar.gz`,
      token: `token-of-${day}`,
      ...(ready && { file: '/nowhere' }),
    });
  }
});

const run = (before?: string) =>
  kind.run({ database: rig.target, ...(before !== undefined && { before }) }, stepWith().context);

test('lists exports, the newest first, and how far back the window reaches', async () => {
  const output = await run();
  expect(output).toMatchObject({
    recovery: { status: 'AVAILABLE', startsAt: rig.database.startsAt, reaches: true },
    exports: [
      { createdAt: Instant.parse('2025-10-31T03:00:00Z'), ready: false },
      { createdAt: Instant.parse('2025-10-30T03:00:00Z'), ready: true },
      { expiresAt: Instant.parse('2025-11-04T03:00:00Z'), ready: true },
    ],
    newest: { id: `${rig.database.id}/2025-10-30T03:00Z` },
  });
  expect(JSON.stringify(output)).not.toContain('token-of');
});

test('before a moment that the window does not reach there are the older exports only', async () => {
  expect(await run('2025-10-30T00:00:00Z')).toMatchObject({
    recovery: { reaches: false },
    exports: [{ id: `${rig.database.id}/2025-10-28T03:00Z` }],
    newest: { id: `${rig.database.id}/2025-10-28T03:00Z` },
  });
});

test('nothing at all is an answer and no failure', async () => {
  expect(await run('2020-01-01T00:00:00Z')).toMatchObject({
    recovery: { reaches: false },
    exports: [],
    newest: null,
  });
});

test('a database that is not there', async () => {
  const database = { name: 'gone', renderId: 'dpg-00000000000000000000-a' };
  expect(await failureOf(kind.run({ database }, stepWith().context))).toMatchObject({ code: '404' });
});

test('reads only', () => {
  expect(kind.effect({ database: rig.target })).toBe('read');
  expect(kind.describe({ database: rig.target })).toBe('List what peakops-main could be restored from');
});
