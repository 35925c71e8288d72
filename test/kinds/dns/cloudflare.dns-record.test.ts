import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { Reply } from '../../../engine/sandbox/ground/http.ts';
import { listen } from '../../../engine/sandbox/ground/http.ts';
import { CloudflareZone } from '../../../engine/sandbox/outside/cloudflare.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const VARIABLE = 'DRILLBOOK_TEST_CLOUDFLARE_TOKEN';
const NAME = 'app.example.com';

const kind = await kindOf('cloudflare.dns-record');
let zone: CloudflareZone;
let requests: string[];
let instead: Reply | undefined;
const listener = await listen((request) => {
  requests.push(`${request.method} ${request.path.replace(/[0-9a-f]{32}/g, '…')}`);
  return Promise.resolve(instead ?? zone.answer(request) ?? { status: 404 });
});
afterAll(() => listener.close());

beforeEach(() => {
  zone = new CloudflareZone();
  zone.add({ name: NAME, type: 'CNAME', content: 'live.onrender.com', ttl: 300, proxied: true });
  zone.add({ name: 'mail.example.com', type: 'A', content: '203.0.113.7', ttl: 1, proxied: false });
  process.env[VARIABLE] = zone.token;
  requests = [];
  instead = undefined;
});

const stepWith = (checkpoint?: Json, own: ValueMap = {}) =>
  stepRig({
    environment: {
      dns: {
        name: NAME,
        cloudflare: {
          zone: zone.id,
          token: { $ref: 'env', name: VARIABLE },
          api: `${listener.url}/client/v4`,
          ...own,
        },
      },
    },
    ...(checkpoint !== undefined && { checkpoint }),
  });
const standby = {
  name: 'standby',
  renderId: 'srv-1',
  url: 'https://standby.onrender.com',
  $target: 'services.apiStandby',
};
const args = { name: NAME, to: standby };
const record = () => zone.records.find(({ name }) => name === NAME);
const writes = () => requests.filter((request) => !request.startsWith('GET'));

test('leads the name to the service, and tells where it led; what else the record has stays', async () => {
  expect(await kind.run(args, stepWith().context)).toEqual({
    name: NAME,
    type: 'CNAME',
    content: 'standby.onrender.com',
    ttl: 60,
    previous: { type: 'CNAME', content: 'live.onrender.com', ttl: 300 },
    changed: true,
  });
  expect(record()).toMatchObject({ content: 'standby.onrender.com', ttl: 60, proxied: true });
  expect(writes()).toEqual(['PATCH /client/v4/zones/…/dns_records/…']);
});

test('what it is already is not set again', async () => {
  await kind.run(args, stepWith().context);
  requests = [];
  expect(await kind.run(args, stepWith().context)).toMatchObject({ changed: false });
  expect(writes()).toEqual([]);
});

test('a name that has no record gets one, and one of another type becomes what is asked for', async () => {
  const made = await kind.run({ ...args, name: 'new.example.com' }, stepWith().context);
  expect(made).toMatchObject({ previous: null, changed: true });
  const other = { ...args, name: 'mail.example.com', type: 'A', content: '216.24.57.1' };
  expect(await kind.run(other, stepWith().context)).toMatchObject({
    content: '216.24.57.1',
    previous: { content: '203.0.113.7' },
  });
});

test('several records of one name are for a person to judge: nothing is changed', async () => {
  for (const content of ['203.0.113.8', '203.0.113.9']) {
    zone.add({ name: 'many.example.com', type: 'A', content, ttl: 1, proxied: false });
  }
  const error = await failureOf(kind.run({ ...args, name: 'many.example.com' }, stepWith().context));
  expect(error).toMatchObject({ code: 'severalRecords', changed: 'nothing' });
  expect(writes()).toEqual([]);
});

test('after a crash: whether it happened is read, and where the name had led is still known', async () => {
  expect(await kind.reconcile?.(args, stepWith().context)).toEqual({ verdict: 'notHappened' });
  const first = stepWith();
  await kind.run(args, first.context);
  expect(await kind.reconcile?.(args, stepWith(first.checkpoints[0]).context)).toMatchObject({
    verdict: 'happened',
    output: { previous: { content: 'live.onrender.com' }, changed: true },
  });
});

describe('what goes wrong is said', () => {
  test('a token that Cloudflare does not take', async () => {
    process.env[VARIABLE] = 'another one';
    const error = await failureOf(kind.run(args, stepWith().context));
    expect(error).toMatchObject({ code: '403', changed: 'nothing', details: { reason: 9109 } });
    expect(error.message).toBe('Cloudflare answered 403: Invalid access token');
  });

  test('a zone that is none', async () => {
    const error = await failureOf(kind.run(args, stepWith(undefined, { zone: 'example.com' }).context));
    expect(error).toMatchObject({ code: '404' });
    expect(error.hint).toMatch(/id of the zone/);
  });

  test('a server that fails while it writes: maybe', async () => {
    const { context: before } = stepWith();
    const context = {
      ...before,
      async saveCheckpoint(data: Json) {
        instead = { status: 502, body: { success: false, errors: [] } };
        await before.saveCheckpoint(data);
      },
    };
    expect(await failureOf(kind.run(args, context))).toMatchObject({
      code: '502',
      changed: 'maybe',
      retryable: true,
    });
  });

  test('an environment without a zone, and a service without an address', async () => {
    const nowhere = stepRig({ environment: {} });
    expect(await failureOf(kind.run(args, nowhere.context))).toMatchObject({ code: 'notConfigured' });
    const error = await failureOf(kind.run({ name: NAME, to: { name: 'standby' } }, stepWith().context));
    expect(error).toMatchObject({ code: 'notConfigured', changed: 'nothing' });
  });
});

test('says what it would do, and to whom the interlock has to look', () => {
  expect(kind.describe(args)).toBe('Lead app.example.com to standby, at Cloudflare');
  expect(kind.targets(args)).toMatchObject([{ group: 'services', effect: 'write' }]);
  expect(kind.byHand?.(args, stepWith().context.environment)).toContain('"content":"standby.onrender.com"');
});
