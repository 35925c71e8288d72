/** @module-tag needs/redis-server */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import type { RedisRig } from '../../rig/redis.ts';
import { fill, PASSWORD, serveRedis, take } from '../../rig/redis.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('redis.inspect');
let redis: RedisRig;

beforeAll(async () => {
  redis = await serveRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.ask('FLUSHALL');
});

const run = (args: ValueMap, rig = stepRig()): Promise<ValueMap> =>
  kind.run({ redis: redis.target(), ...args }, rig.context);

test('counts the messages of a queue in all its priorities, and names the next to be taken', async () => {
  await fill(redis, 'celery', ['first', 'second']);
  await fill(redis, 'celery\u0006\u00163', ['urgent']);
  await fill(redis, 'other', ['apart']);
  expect(await run({ queues: ['celery', 'empty'] })).toMatchObject({
    queues: [
      { name: 'celery', length: 3, oldest: { task: 'videos.transcode', id: 'first' } },
      { name: 'empty', length: 0, oldest: null },
    ],
  });
});

test('a message that is not Celery’s is counted and has no task', async () => {
  await redis.ask('LPUSH', 'plain', Buffer.from([0xff, 0xfe]));
  expect(await run({ queues: ['plain'] })).toMatchObject({
    queues: [{ length: 1, oldest: { task: null, id: null } }],
  });
});

test('tells what workers hold, and since when', async () => {
  await fill(redis, 'celery', ['first', 'second', 'third']);
  await take(redis, 'celery', new Date('2026-11-01T10:00:00.250Z'));
  await take(redis, 'celery', new Date('2026-11-01T11:00:00Z'));
  expect(await run({ queues: ['celery'] })).toMatchObject({
    queues: [{ length: 1 }],
    unacked: { count: 2, since: Instant.parse('2026-11-01T10:00:00.250Z') },
  });
  await redis.ask('FLUSHALL');
  expect(await run({})).toMatchObject({ unacked: { count: 0, since: null } });
});

test('counts keys that begin alike, all of them, and takes no letter of the beginning for a pattern', async () => {
  const keys = Array.from({ length: 2500 }, (_, index) => [`celery-task-meta-${index}`, 'x']).flat();
  await redis.ask('MSET', ...keys, 'a*b', '1', 'axb', '2');
  expect(await run({ prefixes: ['celery-task-meta-', 'a*', 'none'] })).toMatchObject({
    keys: 2502,
    prefixes: [
      { prefix: 'celery-task-meta-', keys: 2500 },
      { prefix: 'a*', keys: 1 },
      { prefix: 'none', keys: 0 },
    ],
  });
});

describe('who it is', () => {
  test('a primary, and a replica that hears it', async () => {
    expect(await run({})).toMatchObject({
      role: 'primary',
      version: expect.stringMatching(/^\d+\./) as string,
      replication: { link: null, secondsSinceHeard: null },
    });
    const replica = await serveRedis('--replicaof', `127.0.0.1 ${redis.port}`, '--masterauth', PASSWORD);
    try {
      await expect
        .poll(() => kind.run({ redis: replica.target() }, stepRig().context))
        .toMatchObject({ role: 'replica', replication: { link: 'up' } });
      expect(await run({})).toMatchObject({ replication: { replicas: 1 } });
    } finally {
      await replica.close();
    }
  });

  test.each([
    [{ host: '127.0.0.1:1', database: 0 }, 'expected at 127.0.0.1:1'],
    [{ host: '127.0.0.1', database: 5 }, 'expected the database 5, reached 0'],
  ])('another than %j says is refused', async (fingerprint, said) => {
    const error = await failureOf(run({ redis: redis.target(0, { fingerprint }) }));
    expect(error).toMatchObject({ code: 'interlock', changed: 'nothing' });
    expect(error.message).toContain(said);
  });
});

describe('what cannot be asked', () => {
  const at = (url: string): ValueMap => {
    process.env['DRILLBOOK_TEST_REDIS'] = url;
    return { redis: { name: 'broker', url: { $ref: 'env', name: 'DRILLBOOK_TEST_REDIS' } } };
  };

  test('a wrong password, which is not told', async () => {
    const error = await failureOf(run(at(`redis://:wrong-one@127.0.0.1:${redis.port}`)));
    expect(error).toMatchObject({ code: 'auth', retryable: false });
    expect(error.message).not.toContain('wrong-one');
  });

  test.each([
    ['nobody is there', 'redis://127.0.0.1:1', 'unreachable'],
    ['the name is unknown', 'redis://nobody.invalid', 'dns'],
    ['no address of Redis', 'http://127.0.0.1:1', 'notConfigured'],
    ['an address with more behind it', 'rediss://127.0.0.1:1/0?ssl_cert_reqs=none', 'notConfigured'],
  ])('%s', async (_, url, code) => {
    expect(await failureOf(run(at(url)))).toMatchObject({ code, changed: 'nothing' });
  });

  test('a key that is no queue', async () => {
    await redis.ask('SET', 'counter', '1');
    expect(await failureOf(run({ queues: ['counter'] }))).toMatchObject({
      code: 'notAQueue',
      message: `counter is no queue at 127.0.0.1:${redis.port}: it is a string`,
    });
  });

  test('an account that may not: with the word of Redis', async () => {
    await redis.ask('ACL', 'SETUSER', 'reader', 'on', '>secret', '+ping', '+select', '+client', '~*');
    const error = await failureOf(run(at(`redis://reader:secret@127.0.0.1:${redis.port}`)));
    expect(error).toMatchObject({ code: 'NOPERM', changed: 'nothing' });
  });

  test('a step that is told to stop stops', async () => {
    const rig = stepRig();
    rig.abort();
    await expect(run({}, rig)).rejects.toThrow('stopped');
  });
});
