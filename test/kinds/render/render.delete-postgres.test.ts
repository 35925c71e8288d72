import { expect, test } from 'vitest';
import { renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.delete-postgres');
const { render, rig, stepWith: step } = await renderWithDatabase();

const deletes = () => render.requests.filter((request) => request.startsWith('DELETE'));

test('refuses an entry of the environment', async () => {
  const error = await failureOf(kind.run({ database: rig.target }, step().context));
  expect(error).toMatchObject({ code: 'notCreatedByRun', changed: 'nothing' });
  expect(error.hint).toContain('which: any, with its backups');
  expect(deletes()).toEqual([]);
});

test('refuses what only says of itself that the run created it', async () => {
  const database = { $ref: 'render.postgres', id: rig.database.id, created: 'restore' };
  const error = await failureOf(kind.run({ database }, step().context));
  expect(error).toMatchObject({ code: 'notCreatedByRun' });
  expect(deletes()).toEqual([]);
});

test('refuses what another run created', async () => {
  rig.database.change({ name: 'drillbook-20240101-0900-ffff-restore' });
  const database = { $ref: 'render.postgres', id: rig.database.id, created: 'restore' };
  expect(await failureOf(kind.run({ database }, step().context))).toMatchObject({ code: 'notCreatedByRun' });
});

test('what is gone already is no failure', async () => {
  const database = {
    $ref: 'render.postgres',
    id: 'dpg-00000000000000000000-a',
    name: 'old',
    created: 'restore',
  };
  expect(await kind.run({ database }, step().context)).toEqual({
    database: { id: 'dpg-00000000000000000000-a', name: 'old' },
    deleted: true,
    alreadyGone: true,
  });
});

test('deletes any when it is told so in so many words', async () => {
  const args = { database: rig.target, which: 'any, with its backups' };
  expect(await kind.reconcile?.(args, step().context)).toEqual({ verdict: 'notHappened' });
  expect(await kind.run(args, step().context)).toMatchObject({ deleted: true, alreadyGone: false });
  expect(render.workspace.databases.size).toBe(0);
});

test('is destructive, and says what goes', () => {
  const args = { database: rig.target };
  expect(kind.effect(args)).toBe('destructive');
  expect(kind.describe(args)).toBe('Delete the database peakops-main, its backups and its exports, for good');
  expect(kind.targets(args)).toMatchObject([{ effect: 'destructive', by: 'provider' }]);
});
