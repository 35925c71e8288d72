import { beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../../engine/base/json.ts';
import type { Value } from '../../../../engine/base/value.ts';
import type { Reply, Request } from '../../../../engine/sandbox/ground/http.ts';
import { RenderClient, renderClient } from '../../../../engine/kinds/render/client/client.ts';
import { serveHttp } from '../../../rig/http-server.ts';
import { refusal, renderWithService } from '../../../rig/render.ts';
import type { StepRig } from '../../../rig/step.ts';
import { environmentWith, failureOf, stepRig } from '../../../rig/step.ts';

const { render, stepWith } = await renderWithService();
let rig: StepRig;
let client: RenderClient;

beforeEach(() => {
  rig = stepWith();
  client = renderClient(rig.context);
});

/** Answers with these in turn, then lets the requests through. */
const inTurn = (...replies: readonly Reply[]): void => {
  const left = [...replies];
  render.intercept(() => left.shift());
};

async function all(items: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('lists', () => {
  const page = (from: number, to: number): Json =>
    Array.from({ length: to - from }, (_, index) => ({
      cursor: `c${from + index}`,
      thing: { n: from + index },
    }));

  test('go on until a page is short', async () => {
    const asked: string[] = [];
    render.intercept(({ query }: Request) => {
      asked.push(query.toString());
      const from = Number((query.get('cursor') ?? 'c-1').slice(1)) + 1;
      return { status: 200, body: page(from, Math.min(from + 100, 250)) };
    });
    const things = await all(client.list('/things', 'thing', { name: 'a,b' }));
    expect(things).toHaveLength(250);
    expect(asked).toEqual([
      'name=a%2Cb&limit=100',
      'name=a%2Cb&limit=100&cursor=c99',
      'name=a%2Cb&limit=100&cursor=c199',
    ]);
  });

  test.each<[string, Json, string]>([
    ['a cursor that does not move', Array(100).fill({ cursor: 'same', thing: {} }), 'breaks off'],
    ['a full page without a cursor', Array(100).fill({ thing: {} }), 'breaks off'],
    ['what is no list', { things: [] }, 'is no list'],
  ])('never pass for whole: %s', async (_what, body, message) => {
    render.intercept(() => ({ status: 200, body }));
    expect(await failureOf(all(client.list('/things', 'thing')))).toMatchObject({
      code: 'badAnswer',
      message: expect.stringContaining(message) as string,
    });
  });

  test('go on when pages are asked for that are smaller', async () => {
    render.intercept(({ query }: Request) => {
      const from = Number((query.get('cursor') ?? 'c-1').slice(1)) + 1;
      return { status: 200, body: page(from, Math.min(from + 2, 5)) };
    });
    expect(await all(client.list('/things', 'thing', { limit: '2' }))).toHaveLength(5);
  });
});

describe('a limit of requests', () => {
  test('is waited for as long as Render asks, and shown as external time', async () => {
    inTurn(refusal(429, 'slow down', { 'retry-after': '12' }));
    const before = rig.context.clock.monotonic();
    await client.get('/services');
    expect(rig.context.clock.monotonic() - before).toBeGreaterThan(12_000);
    expect(rig.activities).toEqual([
      { class: 'external', reason: 'Render asks to wait 12.0s' },
      { class: 'working', reason: '' },
    ]);
  });

  test.each([
    ['a day', '86400'],
    ['a date in a hundred years', new Date('2126-01-01T00:00:00Z').toUTCString()],
    ['what is no time', 'soon'],
    ['less than nothing', '-5'],
  ])('is not waited for longer than can be meant: %s', async (_, asked) => {
    inTurn(refusal(429, 'slow down', { 'retry-after': asked }));
    const before = rig.context.clock.monotonic();
    await client.get('/services');
    expect(rig.context.clock.monotonic() - before).toBeLessThan(60_000);
  });

  test('holds for writes too: they were not carried out', async () => {
    inTurn(refusal(429, 'slow down', { 'ratelimit-reset': '3' }));
    await client.call({ method: 'POST', path: `/services/${render.service.id}/suspend` });
    await expect.poll(() => render.service.suspended).toBe(true);
  });
});

describe('a server that fails', () => {
  test('is asked again, more and more slowly', async () => {
    inTurn(refusal(500, 'oops'), refusal(503, 'oops'));
    await client.get('/services');
    expect(rig.activities.map((activity) => activity.class)).toEqual([
      'retry',
      'working',
      'retry',
      'working',
    ]);
  });

  test('is given up after some tries', async () => {
    render.intercept(() => refusal(500, 'oops'));
    expect(await failureOf(client.get('/services'))).toMatchObject({ code: '500', changed: 'nothing' });
    expect(render.requests).toHaveLength(5);
  });

  test('is not asked twice to do a thing', async () => {
    render.intercept(() => refusal(500, 'oops'));
    const error = await failureOf(client.call({ method: 'POST', path: '/services/x/suspend' }));
    expect(error).toMatchObject({ code: '500', changed: 'maybe', retryable: true });
    expect(render.requests).toHaveLength(1);
  });
});

const clientOf = (api: string): RenderClient =>
  new RenderClient({
    environment: environmentWith({ render: { ...render.settings, api } }),
    secrets: rig.context.secrets,
    signal: rig.context.signal,
    patience: { attempts: 1, timeoutMs: 5000 },
  });

test('nobody there is told, and nothing was changed', async () => {
  const error = await failureOf(clientOf('http://127.0.0.1:1/v1').call({ method: 'POST', path: '/x' }));
  expect(error).toMatchObject({ code: 'unreachable', changed: 'nothing', retryable: true });
});

test('an address that is not that of the API is told', async () => {
  const site = await serveHttp((_request, response) => response.end('<html>Welcome</html>'));
  expect(await failureOf(clientOf(site.url).get('/services'))).toMatchObject({ code: 'badAnswer' });
  await site.close();
});

test('a provider that hangs is given up in time', async () => {
  render.intercept(() => new Promise(() => undefined));
  const { environment, secrets, signal } = rig.context;
  const impatient = new RenderClient({
    environment,
    secrets,
    signal,
    patience: { attempts: 1, timeoutMs: 50 },
  });
  expect(await failureOf(impatient.get('/services'))).toMatchObject({ code: 'timeout' });
});

test('an abort ends a request and a wait', async () => {
  render.intercept(() => {
    setImmediate(rig.abort);
    return new Promise(() => undefined);
  });
  await expect(client.get('/services')).rejects.toThrow('stopped');
});

test('an environment without a key says so', async () => {
  const { context } = stepRig({ environment: { render: { api: 'http://127.0.0.1:1' } } });
  expect(await failureOf(renderClient(context).get('/services'))).toMatchObject({ code: 'notConfigured' });
});

test('the clock of Render counts where it differs from this one', async () => {
  expect(client.clockSkewMs).toBe(0);
  inTurn({ status: 200, body: [], headers: { date: new Date(Date.now() + 90_000).toUTCString() } });
  await client.get('/services');
  expect(client.clockSkewMs / 1000).toBeCloseTo(90, -1);
});
