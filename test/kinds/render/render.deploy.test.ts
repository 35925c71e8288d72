import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { RENDER_KEY_VARIABLE, renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.deploy');
const { render, stepWith } = await renderWithService();

const args = (more: ValueMap = {}): ValueMap => ({ service: render.target, mode: 'deploy_only', ...more });
const orders = (): number => render.requests.filter((request) => request.startsWith('POST')).length;

test('deploys and waits until the deploy is live', async () => {
  const rig = stepWith();
  const output = await kind.run(args(), rig.context);
  const newest = render.service.deploys.at(-1);
  expect(output).toMatchObject({ deploy: { id: newest?.id, status: 'live', trigger: 'api' } });
  expect(rig.checkpoints).toEqual([
    { service: render.service.id, after: render.service.deploys[0]?.id },
    { service: render.service.id, deploy: newest?.id },
  ]);
  expect(rig.activities[0]).toMatchObject({ class: 'external' });
});

test('finds the deploy by listing when Render queues it without a body', async () => {
  render.intercept((request) => {
    if (request.method !== 'POST') return undefined;
    render.service.deploy('api', true);
    return { status: 202 };
  });
  expect(await kind.run(args(), stepWith().context)).toMatchObject({ deploy: { status: 'live' } });
});

test('a bad end is an error with the state, and the old instance goes on', async () => {
  render.service.deploy('api', true);
  await render.service.whenDone();
  render.breakDeploys();
  const error = await failureOf(kind.run(args(), stepWith().context));
  expect(error).toMatchObject({ code: 'update_failed', changed: 'something', retryable: true });
  expect(render.service.running).toBeDefined();
});

test('a suspended service cannot be deployed', async () => {
  await render.service.suspend();
  expect(await failureOf(kind.run(args(), stepWith().context))).toMatchObject({
    code: '409',
    changed: 'nothing',
  });
});

test('reusing the build and clearing its cache exclude each other', async () => {
  const error = await failureOf(kind.run(args({ clearCache: true }), stepWith().context));
  expect(error).toMatchObject({ code: 'usage', changed: 'nothing' });
  expect(orders()).toBe(0);
});

describe('after a crash', () => {
  test('before the order: not happened', async () => {
    expect(await kind.reconcile?.(args(), stepWith().context)).toEqual({ verdict: 'notHappened' });
    const checkpoint = { service: render.service.id, after: render.service.deploys[0]?.id ?? null };
    expect(await kind.reconcile?.(args(), stepWith(checkpoint).context)).toEqual({ verdict: 'notHappened' });
  });

  test('after the order, its answer lost: found as the first after the newest one seen', async () => {
    const after = render.service.deploys[0]?.id ?? null;
    const ours = render.service.deploy('api', true);
    render.service.deploy('deployed_by_render', true);
    const rig = stepWith({ service: render.service.id, after });
    expect(await kind.reconcile?.(args(), rig.context)).toEqual({ verdict: 'reattach' });
    await expect.poll(() => ours.status).toBe('live');
    // A later deploy takes its place at once: seen in time or not, nothing is ordered again.
    await kind.run(args(), rig.context).catch(() => undefined);
    expect(orders()).toBe(0);
  });

  test('with its id known: watched again', async () => {
    const ours = render.service.deploy('api', true);
    const rig = stepWith({ service: render.service.id, deploy: ours.id });
    expect(await kind.run(args(), rig.context)).toMatchObject({ deploy: { id: ours.id, status: 'live' } });
    expect(orders()).toBe(0);
  });
});

test('says what it would do, and how to do it by hand', () => {
  expect(kind.describe(args())).toBe('Deploy the service peakops-api from its last build');
  expect(kind.byHand?.(args(), stepWith().context.environment)).toBe(
    `curl -fsS -X POST -H "Authorization: Bearer $${RENDER_KEY_VARIABLE}" -H 'Content-Type: application/json' -d '{"deployMode":"deploy_only"}' ${render.api}/services/${render.service.id}/deploys`,
  );
});
