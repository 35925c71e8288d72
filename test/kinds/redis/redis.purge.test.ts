/** @module-tag needs/redis-server */
import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { redisPurge } from '../../../engine/kinds/redis/redis.purge.ts';
import type { StepContext } from '../../../engine/model/kind.ts';
import { temporaryFolder } from '../../rig/drillbook.ts';
import type { RedisRig } from '../../rig/redis.ts';
import { celeryMessage, fill, PASSWORD, serveRedis, take } from '../../rig/redis.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('redis.purge');
const URGENT = 'celery\u0006\u00163';
let redis: RedisRig;

beforeAll(async () => {
  redis = await serveRedis();
});
afterAll(() => redis.close());
beforeEach(async () => {
  await redis.ask('FLUSHALL');
});

/** A run in a folder of its own, with what is saved between its lives. */
function runs(): { context: (checkpoint?: Json) => StepContext; folder: string; saved: Json[] } {
  const folder = temporaryFolder();
  const saved: Json[] = [];
  return {
    folder,
    saved,
    context(checkpoint) {
      const { context } = stepRig(checkpoint === undefined ? {} : { checkpoint });
      return {
        ...context,
        run: { ...context.run, folder },
        saveCheckpoint(data) {
          saved.push(data);
          return Promise.resolve();
        },
      };
    },
  };
}
const args = (more: ValueMap = {}): ValueMap => ({ redis: redis.target(), queue: 'celery', ...more });
const keys = async (): Promise<readonly string[]> => ((await redis.ask('KEYS', '*')) as string[]).sort();

test('removes what waits in every priority, and nothing else', async () => {
  await fill(redis, 'celery', ['held', 'a', 'b']);
  await fill(redis, URGENT, ['c']);
  await fill(redis, 'other', ['d']);
  await take(redis, 'celery', new Date());
  expect(await kind.run(args(), runs().context())).toEqual({
    queue: 'celery',
    before: 3,
    purged: 3,
    after: 0,
    unacked: 1,
    kept: null,
  });
  expect(await keys()).toEqual(['other', 'unacked', 'unacked_index']);
});

test('an empty queue is nothing to remove', async () => {
  expect(await kind.run(args(), runs().context())).toMatchObject({ before: 0, purged: 0, after: 0 });
});

test('keeps what it removes, byte for byte, in the order in which workers would have taken it', async () => {
  const ids = Array.from({ length: 1203 }, (_, index) => `id-${index}`);
  await fill(redis, 'celery', ids);
  await redis.ask('LPUSH', 'celery', Buffer.from([0xff, 0x00]));
  const { context, folder } = runs();
  const output = await kind.run(args({ keep: 'queues/celery.jsonl' }), context());
  const path = join(folder, 'queues', 'celery.jsonl');
  const text = await readFile(path, 'utf8');
  expect(output).toMatchObject({
    purged: 1204,
    kept: { path, messages: 1204, sha256: createHash('sha256').update(text).digest('hex') },
  });
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(lines.slice(0, -1)).toEqual(ids.map((id) => ({ list: 'celery', message: celeryMessage(id) })));
  expect(lines.at(-1)).toEqual({ list: 'celery', base64: '/wA=' });
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await keys()).toEqual([]);
});

test('is asked for: its name is typed where nothing is kept', () => {
  const from = { redis: redis.target(), queue: 'celery' };
  expect(redisPurge.effect(from)).toBe('destructive');
  expect(redisPurge.typedName?.(from)).toBe('celery');
  expect(redisPurge.typedName?.({ ...from, keep: 'x' })).toBeUndefined();
  expect(redisPurge.describe(from)).toBe('Remove every message that waits in celery of broker, for good');
});

describe('a life that was killed', () => {
  /** Runs until so many checkpoints are on the disk, and is gone then. */
  async function killedAfter(saves: number, { context, saved }: ReturnType<typeof runs>): Promise<void> {
    const life = context();
    const dying: StepContext = {
      ...life,
      async saveCheckpoint(data) {
        await life.saveCheckpoint(data);
        if (saved.length === saves) throw new Error('killed');
      },
    };
    await expect(kind.run(args({ keep: 'kept' }), dying)).rejects.toThrow('killed');
  }

  test('after it had looked: the next removes what waits', async () => {
    await fill(redis, 'celery', ['a', 'b']);
    const life = runs();
    await killedAfter(1, life);
    expect(await keys()).toEqual(['celery']);
    const output = await kind.run(args({ keep: 'kept' }), life.context(life.saved.at(-1)));
    expect(output).toMatchObject({ before: 2, purged: 2, after: 0, kept: { messages: 2 } });
  });

  test('after it had set the queue aside: what came since is left alone', async () => {
    await fill(redis, 'celery', ['a', 'b']);
    const life = runs();
    await killedAfter(1, life);
    await redis.ask('RENAMENX', 'celery', `${life.context().resourceName()}:celery`);
    await fill(redis, 'celery', ['new']);
    const output = await kind.run(args({ keep: 'kept' }), life.context(life.saved.at(-1)));
    expect(output).toMatchObject({ before: 2, purged: 2, after: 1, kept: { messages: 2 } });
    expect(await keys()).toEqual(['celery']);
  });

  test('after the file was whole: that is not written anew', async () => {
    await fill(redis, 'celery', ['a', 'b']);
    const life = runs();
    await killedAfter(2, life);
    await fill(redis, 'celery', ['new']);
    const { mtimeMs } = await stat(join(life.folder, 'kept'));
    const output = await kind.run(args({ keep: 'kept' }), life.context(life.saved.at(-1)));
    expect(output).toMatchObject({ before: 2, purged: 2, after: 1, kept: { messages: 2 } });
    expect((await stat(join(life.folder, 'kept'))).mtimeMs).toBe(mtimeMs);
    expect(await keys()).toEqual(['celery']);
  });
});

describe('what is in the way is found before anything is touched', () => {
  test('a file that may not be replaced', async () => {
    await fill(redis, 'celery', ['a']);
    const taken = join(temporaryFolder(), 'taken');
    await writeFile(taken, 'precious');
    expect(await failureOf(kind.run(args({ keep: taken }), runs().context()))).toMatchObject({
      code: 'exists',
    });
    expect(await keys()).toEqual(['celery']);
  });

  test('a replica, whose primary is named', async () => {
    const replica = await serveRedis('--replicaof', `127.0.0.1 ${redis.port}`, '--masterauth', PASSWORD);
    try {
      const error = await failureOf(kind.run({ ...args(), redis: replica.target() }, runs().context()));
      expect(error).toMatchObject({ code: 'replica', hint: `Its primary is 127.0.0.1:${redis.port}.` });
    } finally {
      await replica.close();
    }
  });

  test('another server than the fingerprint says', async () => {
    await fill(redis, 'celery', ['a']);
    const elsewhere = redis.target(0, { fingerprint: { host: 'broker.internal', database: 0 } });
    expect(await failureOf(kind.run({ ...args(), redis: elsewhere }, runs().context()))).toMatchObject({
      code: 'interlock',
    });
    expect(await keys()).toEqual(['celery']);
  });
});

test('what cannot be kept goes back to where workers take it, before what came since', async () => {
  await fill(redis, 'celery', ['a', 'b', 'c']);
  const { context, folder } = runs();
  const broken: StepContext = {
    ...context(),
    // The file's name is taken by a folder from the moment in which the queue has been set aside.
    async saveCheckpoint() {
      await mkdir(join(folder, 'kept', 'x'), { recursive: true });
    },
  };
  const error = await failureOf(kind.run(args({ keep: 'kept' }), broken));
  expect(error.changed).toBe('nothing');
  expect(await keys()).toEqual(['celery']);
  const [next, ...rest] = (await redis.ask('LRANGE', 'celery', '0', '-1')) as string[];
  expect([next, ...rest]).toEqual(['c', 'b', 'a'].map((id) => celeryMessage(id)));
});
