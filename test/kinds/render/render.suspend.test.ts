import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { refusal, RENDER_KEY_VARIABLE, renderWithService } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.suspend');
const { render, stepWith } = await renderWithService();

const args = (): { service: ValueMap } => ({ service: render.target });

test('suspends a service and waits until it is', async () => {
  const rig = stepWith();
  expect(await kind.run(args(), rig.context)).toEqual({
    service: { id: render.service.id, name: 'peakops-api' },
    suspended: true,
    suspenders: ['user'],
    alreadySuspended: false,
  });
  expect(render.service.suspended).toBe(true);
  expect(rig.activities[0]).toEqual({ class: 'external', reason: 'Render suspends peakops-api' });
});

test('leaves a service alone that is suspended already, and says so', async () => {
  await render.service.suspend();
  expect(await kind.run(args(), stepWith().context)).toMatchObject({
    suspended: true,
    alreadySuspended: true,
  });
  expect(render.requests.filter((request) => request.startsWith('POST'))).toEqual([]);
});

describe('while Render itself holds it down', () => {
  test('is suspended all the same, and does not come back when the outage is over', async () => {
    const { outage } = render.workspace;
    await outage.begin({ region: render.service.region });
    expect(await kind.run(args(), stepWith().context)).toMatchObject({
      suspenders: ['admin', 'user'],
      alreadySuspended: false,
    });
    await outage.end();
    expect(render.service.suspended).toBe(true);
    expect(await kind.run(args(), stepWith().context)).toMatchObject({
      suspenders: ['user'],
      alreadySuspended: true,
    });
  });

  test('after a crash before it was asked for: not happened', async () => {
    const { outage } = render.workspace;
    await outage.begin({ region: render.service.region });
    expect(await kind.reconcile?.(args(), stepWith({ suspending: render.service.id }).context)).toEqual({
      verdict: 'notHappened',
    });
    await outage.end();
  });
});

describe('after a crash', () => {
  test('before it was asked for: not happened', async () => {
    expect(await kind.reconcile?.(args(), stepWith().context)).toEqual({ verdict: 'notHappened' });
  });

  test('after it was asked for: happened, and it knows that it was this step', async () => {
    const first = stepWith();
    await kind.run(args(), first.context);
    const checkpoint = { suspending: render.service.id };
    expect(first.checkpoints).toEqual([checkpoint]);
    expect(await kind.reconcile?.(args(), stepWith(checkpoint).context)).toMatchObject({
      verdict: 'happened',
      output: { suspended: true, alreadySuspended: false },
    });
    expect(await kind.run(args(), stepWith(checkpoint).context)).toMatchObject({ alreadySuspended: false });
  });

  test('somebody else had suspended it: no debt of this step', async () => {
    await render.service.suspend();
    expect(await kind.reconcile?.(args(), stepWith().context)).toMatchObject({
      output: { alreadySuspended: true },
    });
  });
});

describe('what went wrong is said', () => {
  test('a key that is not accepted, by the name of its variable', async () => {
    process.env[RENDER_KEY_VARIABLE] = 'wrong';
    const error = await failureOf(kind.run(args(), stepWith().context));
    expect(error).toMatchObject({ code: '401', changed: 'nothing' });
    expect(error.hint).toContain(`$${RENDER_KEY_VARIABLE}`);
  });

  test('a service that is not there', async () => {
    const service = { name: 'gone', renderId: 'srv-00000000000000000000' };
    const error = await failureOf(kind.run({ service }, stepWith().context));
    expect(error).toMatchObject({ code: '404', changed: 'nothing' });
  });

  test('a service whose id the environment does not know', async () => {
    const service = { name: 'api', $target: 'services.api' };
    const error = await failureOf(kind.run({ service }, stepWith().context));
    expect(error).toMatchObject({ code: 'notConfigured' });
    expect(error.hint).toContain('services.api');
  });

  test('a server error on the way: whether it happened is open, and another try is safe', async () => {
    render.intercept((request) => (request.method === 'POST' ? refusal(503, 'try later') : undefined));
    const error = await failureOf(kind.run(args(), stepWith().context));
    expect(error).toMatchObject({ code: '503', changed: 'maybe', retryable: true });
    expect(error.message).toContain('try later');
  });
});

test('a silence of Render while it is waited for does not end the wait', async () => {
  let polls = 0;
  render.intercept(({ method }) => {
    if (method === 'POST') polls = 1;
    else if (polls > 0 && polls++ < 12) return refusal(502, 'bad gateway');
    return undefined;
  });
  const rig = stepWith();
  expect(await kind.run(args(), rig.context)).toMatchObject({ suspended: true });
  expect(rig.logs.join()).toContain('502');
});

test('an abort ends the wait', async () => {
  const rig = stepWith();
  render.intercept((request) => {
    if (request.method === 'POST') queueMicrotask(rig.abort);
    return undefined;
  });
  await expect(kind.run(args(), rig.context)).rejects.toThrow('stopped');
});

test('says what it would do, and how to do it by hand', () => {
  const { context } = stepWith();
  expect(kind.effect(args())).toBe('write');
  expect(kind.describe(args())).toBe('Suspend the service peakops-api');
  expect(kind.byHand?.(args(), context.environment)).toBe(
    `curl -fsS -X POST -H "Authorization: Bearer $${RENDER_KEY_VARIABLE}" ${render.api}/services/${render.service.id}/suspend`,
  );
  expect(kind.targets(args())).toEqual([
    { group: 'services', path: 'services.api', target: render.target, effect: 'write', by: 'provider' },
  ]);
});
