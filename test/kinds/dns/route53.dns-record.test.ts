import { beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import { ROUTE53_KEY, startRoute53 } from '../../rig/route53.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const NAME = 'app.example.com';
const kind = await kindOf('route53.dns-record');
const route53 = await startRoute53();

beforeEach(() => {
  route53.sets.clear();
  route53.changes.length = 0;
  route53.pending = 0;
  route53.sets.set(`${NAME}.`, { type: 'CNAME', ttl: 300, value: 'live.onrender.com' });
  route53.sets.set('zzz.example.com.', { type: 'A', ttl: 300, value: '203.0.113.7' });
  process.env['DRILLBOOK_TEST_AWS_ID'] = ROUTE53_KEY.id;
  process.env['DRILLBOOK_TEST_AWS_SECRET'] = ROUTE53_KEY.secret;
});

const stepWith = (checkpoint?: Json, zone = route53.zone) =>
  stepRig({
    environment: {
      aws: {
        credentials: {
          accessKeyId: { $ref: 'env', name: 'DRILLBOOK_TEST_AWS_ID' },
          secretAccessKey: { $ref: 'env', name: 'DRILLBOOK_TEST_AWS_SECRET' },
        },
      },
      dns: { name: NAME, route53: { zone, endpoint: route53.endpoint } },
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

test('leads the name to the service, waits until all name servers say so, and tells where it led', async () => {
  route53.pending = 2;
  expect(await kind.run(args, stepWith().context)).toEqual({
    name: NAME,
    type: 'CNAME',
    content: 'standby.onrender.com',
    ttl: 60,
    previous: { type: 'CNAME', content: 'live.onrender.com', ttl: 300 },
    changed: true,
  });
  expect(route53.pending).toBe(0);
  expect(route53.sets.get(`${NAME}.`)).toEqual({ type: 'CNAME', ttl: 60, value: 'standby.onrender.com' });
});

test('what it is already is not set again', async () => {
  await kind.run(args, stepWith().context);
  expect(await kind.run(args, stepWith().context)).toMatchObject({ changed: false });
  expect(route53.changes).toHaveLength(1);
});

test('a record of another type is taken away in the same change; a name without one gets one', async () => {
  const address = { ...args, type: 'A', content: '216.24.57.1' };
  expect(await kind.run(address, stepWith().context)).toMatchObject({ previous: { type: 'CNAME' } });
  expect(route53.changes[0]).toMatch(/DELETE.*UPSERT/);
  expect(await kind.run({ ...args, name: 'new.example.com' }, stepWith().context)).toMatchObject({
    previous: null,
  });
});

test('several addresses of one name are for a person to judge', async () => {
  route53.sets.set(`${NAME}.`, { type: 'A', ttl: 60, value: '203.0.113.8 203.0.113.9' });
  expect(await failureOf(kind.run(args, stepWith().context))).toMatchObject({
    code: 'severalRecords',
    changed: 'nothing',
  });
  expect(route53.changes).toEqual([]);
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
