import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import { Route53Zone } from '../../../engine/sandbox/outside/route53.ts';
import { newAccount } from '../../../engine/sandbox/s3/accounts.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const NAME = 'app.example.com';
const SYNC_MS = 400;
const kind = await kindOf('route53.dns-record');
const account = newAccount();
let route53: Route53Zone;
afterEach(() => route53.close());

beforeEach(async () => {
  route53 = await Route53Zone.start({ accounts: [account], syncMs: SYNC_MS });
  route53.add({ name: `${NAME}.`, type: 'CNAME', ttl: 300, values: ['live.onrender.com'] });
  route53.add({ name: 'zzz.example.com.', type: 'A', ttl: 300, values: ['203.0.113.7'] });
  process.env['DRILLBOOK_TEST_AWS_ID'] = account.accessKeyId;
  process.env['DRILLBOOK_TEST_AWS_SECRET'] = account.secretAccessKey;
});

const stepWith = (checkpoint?: Json, zone = route53.id) =>
  stepRig({
    environment: {
      aws: {
        credentials: {
          accessKeyId: { $ref: 'env', name: 'DRILLBOOK_TEST_AWS_ID' },
          secretAccessKey: { $ref: 'env', name: 'DRILLBOOK_TEST_AWS_SECRET' },
        },
      },
      dns: { name: NAME, route53: { zone, endpoint: route53.url } },
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

const setsOf = (name: string) => route53.sets.filter((set) => set.name === `${name}.`);

test('leads the name to the service, waits until all name servers say so, and tells where it led', async () => {
  const begun = performance.now();
  expect(await kind.run(args, stepWith().context)).toEqual({
    name: NAME,
    type: 'CNAME',
    content: 'standby.onrender.com',
    ttl: 60,
    previous: { type: 'CNAME', content: 'live.onrender.com', ttl: 300 },
    changed: true,
  });
  expect(performance.now() - begun).toBeGreaterThanOrEqual(SYNC_MS - 1);
  expect(setsOf(NAME)).toEqual([
    { name: `${NAME}.`, type: 'CNAME', ttl: 60, values: ['standby.onrender.com'] },
  ]);
});

test('what it is already is not set again', async () => {
  await kind.run(args, stepWith().context);
  expect(await kind.run(args, stepWith().context)).toMatchObject({ changed: false });
  expect(route53.changes).toBe(1);
});

test('a record of another type is taken away in the same change; a name without one gets one', async () => {
  const address = { ...args, type: 'A', content: '216.24.57.1' };
  expect(await kind.run(address, stepWith().context)).toMatchObject({ previous: { type: 'CNAME' } });
  expect(setsOf(NAME)).toEqual([{ name: `${NAME}.`, type: 'A', ttl: 60, values: ['216.24.57.1'] }]);
  expect(route53.changes).toBe(1);
  expect(await kind.run({ ...args, name: 'new.example.com' }, stepWith().context)).toMatchObject({
    previous: null,
  });
});

test('several addresses of one name are for a person to judge', async () => {
  route53.add({ name: 'many.example.com.', type: 'A', ttl: 60, values: ['203.0.113.8', '203.0.113.9'] });
  const many = { ...args, name: 'many.example.com' };
  expect(await failureOf(kind.run(many, stepWith().context))).toMatchObject({
    code: 'severalRecords',
    changed: 'nothing',
  });
  expect(route53.changes).toBe(0);
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

describe('what goes wrong is said in the words of Route 53', () => {
  test('a zone that is none', async () => {
    const error = await failureOf(kind.run(args, stepWith(undefined, 'ZNONE').context));
    expect(error).toMatchObject({ code: 'NoSuchHostedZone', changed: 'nothing' });
    expect(error.message).toBe('Route 53 answered 404: No hosted zone found with ID: ZNONE');
  });

  test('a name that has something else, and cannot be an alias beside it', async () => {
    route53.add({ name: 'mail.example.com.', type: 'MX', ttl: 300, values: ['10 mx.example.com'] });
    const mail = { ...args, name: 'mail.example.com' };
    const error = await failureOf(kind.run(mail, stepWith().context));
    expect(error).toMatchObject({ code: 'InvalidChangeBatch', changed: 'nothing' });
    expect(error.message).toMatch(/^Route 53 answered 400: RRSet of type CNAME .* is not permitted/);
  });

  test('credentials that do not sign as they should', async () => {
    process.env['DRILLBOOK_TEST_AWS_SECRET'] = 'another one';
    expect(await failureOf(kind.run(args, stepWith().context))).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });
});

test('says what it would do', () => {
  expect(kind.describe(args)).toBe('Lead app.example.com to standby, at Route 53');
  expect(kind.byHand?.(args, stepWith().context.environment)).toContain('"Value":"standby.onrender.com"');
});
