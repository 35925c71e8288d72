import { expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.resume');
const { render, stepWith } = await renderWithService();

const args = (): { service: ValueMap } => ({ service: render.target });

test('resumes a service and waits until the deploy that follows is live', async () => {
  await render.service.suspend();
  const rig = stepWith();
  const output = await kind.run(args(), rig.context);
  expect(output).toMatchObject({
    suspended: false,
    alreadyRunning: false,
    deploy: { status: 'live', trigger: 'service_resumed' },
  });
  expect(render.service.running).toBeDefined();
  expect(rig.logs.at(-1)).toMatch(/^deploy dep-\w+: live$/);
});

test('lifts what its users hold, and says who holds it beside them', async () => {
  const { outage } = render.workspace;
  await outage.begin({ region: render.service.region });
  outage.keepDown(render.service);
  const error = await failureOf(kind.run(args(), stepWith().context));
  expect(error).toMatchObject({
    code: 'heldByOthers',
    changed: 'something',
    details: { suspenders: ['admin'] },
  });
  await outage.end();
  await render.service.whenDone();
  expect(render.service.suspended).toBe(false);
});

test('leaves a running service alone', async () => {
  expect(await kind.run(args(), stepWith().context)).toMatchObject({ alreadyRunning: true, deploy: null });
  expect(render.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
});

test('a deploy that fails is an error with its state', async () => {
  await render.service.suspend();
  render.breakDeploys();
  const error = await failureOf(kind.run(args(), stepWith().context));
  expect(error).toMatchObject({
    code: 'update_failed',
    changed: 'something',
    details: { status: 'update_failed' },
  });
});

test('after a crash the deploy is watched again, and nothing is resumed twice', async () => {
  await render.service.suspend();
  const first = stepWith();
  render.intercept((request) => {
    // Killed right after Render took the order.
    if (request.method === 'POST') setImmediate(first.abort);
    return undefined;
  });
  await expect(kind.run(args(), first.context)).rejects.toThrow('stopped');
  const [checkpoint] = first.checkpoints;
  render.intercept(() => undefined);
  await expect.poll(() => render.service.suspended).toBe(false);
  expect(await kind.reconcile?.(args(), stepWith(checkpoint).context)).toEqual({ verdict: 'reattach' });
  expect(await kind.run(args(), stepWith(checkpoint).context)).toMatchObject({ deploy: { status: 'live' } });
  expect(render.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
});

test('a service that others hold suspended too is told, not waited for', async () => {
  await render.service.suspend();
  const document = await render.ask(`/services/${render.service.id}`);
  render.intercept(({ path }) =>
    path === `/v1/services/${render.service.id}`
      ? { status: 200, body: { ...document, suspenders: ['billing'] } }
      : undefined,
  );
  const error = await failureOf(kind.run(args(), stepWith().context));
  expect(error).toMatchObject({ code: 'heldByOthers', details: { suspenders: ['billing'] } });
});

test('a service that is suspended still: the resume did not happen', async () => {
  await render.service.suspend();
  expect(await kind.reconcile?.(args(), stepWith().context)).toEqual({ verdict: 'notHappened' });
});
