import { describe, expect, test } from 'vitest';
import { renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.maintenance');
const { render, stepWith } = await renderWithService();

test('switches it on, and says how it was, so that an undo can put it back', async () => {
  render.service.setMaintenance({ enabled: false, uri: 'https://example.com/back-soon' });
  const output = await kind.run({ service: render.target, enabled: true }, stepWith().context);
  expect(output).toEqual({
    service: { id: render.service.id, name: 'peakops-api' },
    enabled: true,
    page: 'https://example.com/back-soon',
    previous: { enabled: false, page: 'https://example.com/back-soon' },
    changed: true,
  });
  expect(render.service.maintenance).toEqual({ enabled: true, uri: 'https://example.com/back-soon' });
});

test('leaves alone what is as wanted', async () => {
  const output = await kind.run({ service: render.target, enabled: false }, stepWith().context);
  expect(output).toMatchObject({ enabled: false, changed: false });
  expect(render.requests.filter((request) => request.startsWith('PATCH'))).toEqual([]);
});

describe('after a crash', () => {
  test('before it was asked for: not happened', async () => {
    const args = { service: render.target, enabled: true };
    expect(await kind.reconcile?.(args, stepWith().context)).toEqual({ verdict: 'notHappened' });
  });

  test('after it was asked for: happened, and how it was is still known', async () => {
    const args = { service: render.target, enabled: true, page: 'https://example.com/down' };
    const first = stepWith();
    await kind.run(args, first.context);
    const checkpoint = { previous: { enabled: false, uri: '' } };
    expect(first.checkpoints).toEqual([checkpoint]);
    expect(await kind.reconcile?.(args, stepWith(checkpoint).context)).toMatchObject({
      verdict: 'happened',
      output: { previous: { enabled: false, page: '' }, changed: true },
    });
  });
});

test('a worker has no such mode: said before anything is asked for', async () => {
  Object.assign(render.service, { type: 'background_worker' });
  const error = await failureOf(kind.run({ service: render.target, enabled: true }, stepWith().context));
  expect(error).toMatchObject({ code: 'notSupported', changed: 'nothing' });
  expect(error.hint).toContain('render.suspend');
});

test('says what it would do, and how to do it by hand', () => {
  const { context } = stepWith();
  const args = { service: render.target, enabled: true };
  expect(kind.effect(args)).toBe('write');
  expect(kind.describe(args)).toBe('Switch the maintenance mode of peakops-api on');
  expect(kind.byHand?.(args, context.environment)).toContain(
    `'{"serviceDetails":{"maintenanceMode":{"enabled":true,"uri":""}}}'`,
  );
});
