// @module-tag needs/pg_dump
import { afterEach, describe, expect, test } from 'vitest';
import { isHandle } from '../../../engine/model/handle.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { refusal, renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.export-postgres');
const { render, rig, stepWith } = await renderWithDatabase();
afterEach(() => render.intercept(() => undefined));

const orders = () => render.requests.filter((request) => request.startsWith('POST')).length;

test('waits until it can be downloaded, and names the link without showing it', async () => {
  const step = stepWith();
  const output = await kind.run({ database: rig.target }, step.context);
  const [made] = rig.database.exports.all;
  expect(output).toMatchObject({ id: made?.id, export: { id: made?.id, ready: true } });
  expect(JSON.stringify(output)).not.toContain(made?.token);
  const { link } = output['export'] as ValueMap;
  if (link === undefined || !isHandle(link)) throw new Error('the link is no handle');
  const revealed = (await step.context.secrets.reveal(link)).reveal();
  expect(revealed).toContain(made?.token);
  expect(step.revealed).toContain(revealed);
});

test('two of one minute have one id, and are told apart', async () => {
  const first = await kind.run({ database: rig.target }, stepWith().context);
  const second = await kind.run({ database: rig.target }, stepWith().context);
  expect(second['createdAt']).not.toEqual(first['createdAt']);
});

describe('after a crash', () => {
  test('before it was ordered: not happened', async () => {
    const before = rig.database.exports.all.map((made) => `${made.id} ${made.createdAt.toISOString()}`);
    const found = await kind.reconcile?.({ database: rig.target }, stepWith({ before }).context);
    expect(found).toEqual({ verdict: 'notHappened' });
    expect(await kind.reconcile?.({ database: rig.target }, stepWith().context)).toEqual(found);
  });

  test('after it was ordered: watched on, and never ordered twice', async () => {
    const first = stepWith();
    const output = await kind.run({ database: rig.target }, first.context);
    const checkpoint = first.checkpoints[0] ?? null;
    expect(await kind.reconcile?.({ database: rig.target }, stepWith(checkpoint).context)).toEqual({
      verdict: 'reattach',
    });
    const before = orders();
    expect(await kind.run({ database: rig.target }, stepWith(checkpoint).context)).toMatchObject({
      createdAt: output['createdAt'],
    });
    expect(orders()).toBe(before);
  });
});

test('another export in progress: said, and that a later try may do', async () => {
  render.intercept(({ method }) =>
    method === 'POST' ? refusal(400, 'an export is in progress') : undefined,
  );
  const error = await failureOf(kind.run({ database: rig.target }, stepWith().context));
  expect(error).toMatchObject({ code: '400', changed: 'nothing', retryable: true });
  expect(error.hint).toContain('in progress');
});

test('one that never becomes ready is waited for until the step is stopped', async () => {
  const step = stepWith();
  let polls = 0;
  const stuck = { id: `${rig.database.id}/x`, createdAt: '2099-01-01T00:00:00Z' };
  render.intercept(({ method, path }) => {
    if (method === 'POST') return { status: 202 };
    if (!path.endsWith('/export')) return undefined;
    polls += 1;
    if (polls > 5) step.abort();
    return { status: 200, body: polls === 1 ? [] : [stuck] };
  });
  await expect(kind.run({ database: rig.target }, step.context)).rejects.toThrow('stopped');
  expect(step.logs).toContain(`${stuck.id}: no link yet`);
});

test('says what it would do, and how to do it by hand', () => {
  const { context } = stepWith();
  expect(kind.describe({ database: rig.target })).toBe('Export peakops-main at Render');
  expect(kind.byHand?.({ database: rig.target }, context.environment)?.split('\n')).toHaveLength(2);
});
