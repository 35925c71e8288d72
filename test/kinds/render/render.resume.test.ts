import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { RenderRig } from '../../rig/render.ts';
import { startRender } from '../../rig/render.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('render.resume');
let render: RenderRig;

beforeEach(async () => {
  render = await startRender();
});
afterEach(() => render.close());

const rigWith = (checkpoint?: Json): ReturnType<typeof stepRig> =>
  stepRig({ environment: { render: render.settings }, ...(checkpoint !== undefined && { checkpoint }) });
const args = (): { service: RenderRig['target'] } => ({ service: render.target });

test('resumes a service and waits until the deploy that follows is live', async () => {
  await render.service.suspend();
  const rig = rigWith();
  const output = await kind.run(args(), rig.context);
  expect(output).toMatchObject({
    suspended: false,
    alreadyRunning: false,
    deploy: { status: 'live', trigger: 'service_resumed' },
  });
  expect(render.service.running).toBeDefined();
  expect(rig.logs.at(-1)).toMatch(/^deploy dep-\w+: live$/);
});

test('leaves a running service alone', async () => {
  expect(await kind.run(args(), rigWith().context)).toMatchObject({ alreadyRunning: true, deploy: null });
  expect(render.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
});

test('a deploy that fails is an error with its state', async () => {
  await render.service.suspend();
  render.breakDeploys();
  const error = await failureOf(kind.run(args(), rigWith().context));
  expect(error).toMatchObject({
    code: 'update_failed',
    changed: 'something',
    details: { status: 'update_failed' },
  });
});

test('after a crash the deploy is watched again, and nothing is resumed twice', async () => {
  await render.service.suspend();
  const first = rigWith();
  render.intercept((request) => {
    // Killed right after Render took the order.
    if (request.method === 'POST') setImmediate(first.abort);
    return undefined;
  });
  await expect(kind.run(args(), first.context)).rejects.toThrow('stopped');
  const [checkpoint] = first.checkpoints;
  render.intercept(() => undefined);
  await expect.poll(() => render.service.suspended).toBe(false);
  expect(await kind.reconcile?.(args(), rigWith(checkpoint).context)).toEqual({ verdict: 'reattach' });
  expect(await kind.run(args(), rigWith(checkpoint).context)).toMatchObject({ deploy: { status: 'live' } });
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
  const error = await failureOf(kind.run(args(), rigWith().context));
  expect(error).toMatchObject({ code: 'heldByOthers', details: { suspenders: ['billing'] } });
});

test('a service that is suspended still: the resume did not happen', async () => {
  await render.service.suspend();
  expect(await kind.reconcile?.(args(), rigWith().context)).toEqual({ verdict: 'notHappened' });
});
