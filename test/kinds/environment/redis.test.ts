/** @module-tag needs/redis-server */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import type { Identity } from '../../../engine/model/environment.ts';
import type { RedisRig } from '../../rig/redis.ts';
import { PASSWORD, serveRedis } from '../../rig/redis.ts';
import { stepRig } from '../../rig/step.ts';

let redis: RedisRig;
beforeAll(async () => {
  redis = await serveRedis();
});
afterAll(() => redis.close());

function ask(target: ValueMap): Promise<Identity> {
  const { environment, secrets, signal } = stepRig().context;
  return identify(
    { group: 'redis', path: 'redis.broker', target, effect: 'destructive' },
    environment,
    secrets,
    signal,
  );
}

test('the one that is meant', async () => {
  await redis.ask('SET', 'key', 'value');
  const identity = await ask(redis.target());
  expect(identity).toMatchObject({
    verdict: 'match',
    facts: { name: 'broker', 'reached at': `127.0.0.1:${redis.port}/0`, role: 'primary', keys: '1' },
  });
  expect(JSON.stringify(identity)).not.toContain(PASSWORD);
});

test('another', async () => {
  expect(await ask(redis.target(1, { fingerprint: { host: '127.0.0.1', database: 0 } }))).toMatchObject({
    verdict: 'mismatch',
    reason: 'expected the database 0, reached 1',
  });
});

test.each([{}, { host: '127.0.0.1' }, { database: 0 }])(
  'a fingerprint that does not tell it from others: %j',
  async (fingerprint) => {
    expect(await ask(redis.target(0, { fingerprint }))).toMatchObject({
      verdict: 'absent',
      fingerprint: { host: `127.0.0.1:${redis.port}`, database: '0' },
    });
  },
);

test('nobody', async () => {
  process.env['DRILLBOOK_TEST_REDIS'] = 'redis://127.0.0.1:1';
  expect(await ask({ name: 'broker', url: { $ref: 'env', name: 'DRILLBOOK_TEST_REDIS' } })).toMatchObject({
    verdict: 'unreachable',
  });
});
