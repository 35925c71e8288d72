import { expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import { renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.postgres');
const { render, rig: main, stepWith } = await renderWithDatabase();

test('reads a database and how far back it can be recovered', async () => {
  const { context } = stepWith();
  expect(await kind.run({ database: main.target }, context)).toEqual({
    id: main.database.id,
    name: 'peakops-main',
    status: 'available',
    workspace: render.workspace.id,
    suspended: false,
    suspenders: [],
    region: 'oregon',
    plan: expect.any(String) as string,
    version: expect.stringMatching(/^\d+$/) as string,
    role: 'primary',
    createdAt: expect.any(Instant) as Instant,
    recovery: { status: 'AVAILABLE', startsAt: main.database.startsAt },
  });
});

test('a database that is not there', async () => {
  const { context } = stepWith();
  const database = { $ref: 'render.postgres', id: 'dpg-00000000000000000000', created: 'restore' };
  expect(await failureOf(kind.run({ database }, context))).toMatchObject({ code: '404' });
});

test('shows both calls to make by hand', () => {
  const { context } = stepWith();
  expect(kind.byHand?.({ database: main.target }, context.environment)?.split('\n')).toHaveLength(2);
});
