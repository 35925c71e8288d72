/** @module-tag needs/redis-server */
import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { lackOfDisk } from '../../../engine/base/own-disk.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { troubleAt, withRedis } from '../../../engine/sandbox/redis/client.ts';
import type { WorldPlan } from '../../../engine/model/world.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { kindOf, stepRig } from '../../rig/step.ts';
import { desk, environmentOf, folderOf, open, planOf, secretIn } from '../parts-rig.ts';
import { processesOf, until } from '../rig.ts';

const broker = (given = ''): WorldPlan =>
  planOf(`
parts:
  broker: { uses: redis, with: { ${given} } }
environment:
  redis: { broker: "\${{ parts.broker }}" }
  values: { desk: { broker: "\${{ parts.broker.control }}", token: "\${{ desk.token }}" } }
`);
const FLOOD = { queue: 'celery', messages: 1200, message: '{"id":"$1"}' };

/** The entry of the environment, as steps get it. */
async function brokerOf(world: World): Promise<ValueMap> {
  const { value } = await loadEnvironment(new SourceFile('sandbox.yaml', await world.environmentText()));
  return (value?.data['redis'] as { readonly broker: ValueMap }).broker;
}

interface BrokerEnvironment {
  readonly redis: { readonly broker: { readonly url: { readonly file: string } } };
}

const urlOf = async (world: World): Promise<string> =>
  secretIn((await environmentOf<BrokerEnvironment>(world)).redis.broker.url);

describe('a part of the kind redis', () => {
  test('is an entry of the environment that says who it is, behind a password', async () => {
    const world = await open(broker());
    const { environment, secrets, signal } = stepRig().context;
    const use = {
      group: 'redis',
      path: 'redis.broker',
      target: await brokerOf(world),
      effect: 'write',
    } as const;
    expect(await identify(use, environment, secrets, signal)).toMatchObject({ verdict: 'match' });
    const url = new URL(await urlOf(world));
    expect(await world.environmentText()).not.toContain(url.password);
    url.password = '';
    expect(await troubleAt(url.href)).toMatch(/NOAUTH/);
  });

  test('keeps what it was told when it is stopped and started, at its own address', async () => {
    const world = await open(broker());
    const url = await urlOf(world);
    await withRedis(url, (ask) => ask('SET', 'canary', 'alive'));
    expect(await desk(world, 'broker', '/stop')).toMatchObject({ status: 200, body: { running: false } });
    expect(await troubleAt(url)).toMatch(/Redis does not answer at 127\.0\.0\.1:\d+/);
    expect((await desk(world, 'broker', '/start')).body).toMatchObject({ running: true });
    expect(await withRedis(url, (ask) => ask('GET', 'canary'))).toBe('alive');
  });

  test('keeps what it acknowledged before it was killed, and is mended by a start', async () => {
    const world = await open(broker());
    const url = await urlOf(world);
    await withRedis(url, (ask) => ask('SET', 'canary', 'alive'));
    await world.inject('process.kill', {}, 'broker');
    expect((await desk(world, 'broker')).body).toMatchObject({
      running: false,
      ending: 'it was ended by SIGKILL',
    });
    await desk(world, 'broker', '/start');
    expect(await withRedis(url, (ask) => ask('GET', 'canary'))).toBe('alive');
    await world.baseline();
  });

  test.runIf(lackOfDisk() === undefined)(
    'with a disk of its own says so when that is full, and has what it kept when there is room again',
    async () => {
      const world = await open(broker('disk: 8MB'));
      const url = await urlOf(world);
      const set = (key: string) => withRedis(url, (ask) => ask('SET', key, 'x'.repeat(100_000)));
      await set('canary');
      const { description } = await world.inject('disk.full', {}, 'broker');
      expect(description).toBe('the disk of redis.broker, 8 MB, is full');
      await expect(
        until(
          'it keeps nothing more',
          () => set('more').then(() => 'kept', String),
          (said) => said !== 'kept',
        ),
      ).resolves.toMatch(/MISCONF|does not answer|ended|closed/);
      await desk(world, 'broker', '/free-space');
      expect((await desk(world, 'broker', '/start')).body).toMatchObject({ running: true });
      await until(
        'it keeps what it is told',
        () =>
          set('more').then(
            () => true,
            () => false,
          ),
        Boolean,
      );
      expect(await withRedis(url, (ask) => ask('STRLEN', 'canary'))).toBe(100_000);
    },
  );

  test('hangs where it is told to, and is mended by a restart', async () => {
    const world = await open(broker());
    const url = await urlOf(world);
    await world.inject('process.hang', {}, 'broker');
    expect(await troubleAt(url)).toMatch(/Redis does not answer/);
    await desk(world, 'broker', '/restart');
    expect(await troubleAt(url)).toBeUndefined();
  });

  test('leaves nothing behind when its world is killed', async () => {
    const world = await open(broker());
    // A Redis server writes its title over its arguments and its environment.
    const title = `127.0.0.1:${new URL(await urlOf(world)).port}`;
    expect(await processesOf(title)).toHaveLength(1);
    process.kill(Number(world.address['pid']), 'SIGKILL');
    await until(
      'nothing is left',
      async () => [...(await processesOf(title)), ...(await processesOf(folderOf(world)))],
      (lines) => lines.length === 0,
    );
  });
});

describe('queue.flooded', () => {
  test('fills a queue for real, and redis.purge mends it', async () => {
    const world = await open(broker());
    const url = await urlOf(world);
    await withRedis(url, (ask) => ask('LPUSH', 'celery', '{"id":"first"}'));
    const { description, output } = await world.inject('queue.flooded', FLOOD);
    expect(description).toBe('1200 messages came into the queue celery of redis.broker, where 1201 wait');
    expect(output).toMatchObject({ queue: 'celery', messages: 1200, before: 1, length: 1201 });
    const messages = await withRedis(url, (ask) => ask('LRANGE', 'celery', '0', '-1'));
    expect(new Set(messages as string[]).size).toBe(1201);
    const redis = await brokerOf(world);
    const inspect = async (): Promise<unknown> =>
      (await (await kindOf('redis.inspect')).run({ redis, queues: ['celery'] }, stepRig().context))['queues'];
    expect(await inspect()).toMatchObject([{ name: 'celery', length: 1201 }]);
    await (await kindOf('redis.purge')).run({ redis, queue: 'celery' }, stepRig().context);
    expect(await inspect()).toMatchObject([{ name: 'celery', length: 0 }]);
  });

  test('breaks nothing where what it is told is no queue', async () => {
    const world = await open(broker());
    await withRedis(await urlOf(world), (ask) => ask('SET', 'celery', 'a text'));
    await expect(world.inject('queue.flooded', FLOOD)).rejects.toThrow(/celery is no queue: it is a string/);
    expect(await withRedis(await urlOf(world), (ask) => ask('GET', 'celery'))).toBe('a text');
  });
});
