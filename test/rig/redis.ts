import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { findProgram } from '../../engine/base/programs.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import { reservePort } from '../../engine/sandbox/ground/port.ts';

export interface RedisRig {
  /** The entry of a database in an environment, its address in a variable of the process. */
  target(database?: number, more?: ValueMap): ValueMap;
  readonly port: number;
  /** Sends a command as its password's owner. */
  ask(...words: readonly (string | Buffer)[]): Promise<unknown>;
  close(): Promise<void>;
}

export const PASSWORD = 'p@ss:word/1';

/** A real Redis server on a free loopback port, with a password. */
export async function serveRedis(...options: readonly string[]): Promise<RedisRig> {
  const program = await findProgram('redis-server');
  if (program === undefined)
    throw new Error('a test that starts Redis says so by the tag needs/redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-redis-'));
  const port = await reservePort();
  const server = spawn(
    program,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
      ...['--requirepass', PASSWORD, ...options],
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const gone = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${String(code)}`)));
  });
  const url = (database: number): string =>
    `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${String(port)}/${String(database)}`;
  const client = createClient({ url: url(0), RESP: 2 });
  client.on('error', () => undefined);
  await client.connect();
  return {
    port,
    target(database = 0, more = {}) {
      const name = `DRILLBOOK_TEST_REDIS_${String(port)}_${String(database)}`;
      process.env[name] = url(database);
      return {
        name: 'broker',
        url: { $ref: 'env', name },
        fingerprint: { host: `127.0.0.1:${String(port)}`, database },
        ...more,
      };
    },
    ask: (...words) => client.sendCommand([...words]),
    async close() {
      client.destroy();
      server.kill('SIGKILL');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A message as Celery 5 puts it into a list of Redis by way of kombu. */
export function celeryMessage(id: string, task = 'videos.transcode', args: readonly unknown[] = [7]): string {
  const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
  return JSON.stringify({
    body: Buffer.from(JSON.stringify([args, {}, embed])).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: {
      ...{ lang: 'py', task, id, shadow: null, eta: null, expires: null, group: null, group_index: null },
      ...{
        retries: 0,
        timelimit: [null, null],
        root_id: id,
        parent_id: null,
        argsrepr: JSON.stringify(args),
      },
      ...{ kwargsrepr: '{}', origin: 'gen1@web', ignore_result: false },
    },
    properties: {
      correlation_id: id,
      reply_to: '71b1844d-234e-3a49-a4a9-c3319250c4d8',
      delivery_mode: 2,
      delivery_info: { exchange: '', routing_key: 'celery' },
      priority: 0,
      body_encoding: 'base64',
      delivery_tag: `tag-${id}`,
    },
  });
}

/** Puts messages into a queue as a client of Celery does: the first to come is the first to be taken. */
export async function fill(redis: RedisRig, list: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) await redis.ask('LPUSH', list, celeryMessage(id));
}

/** What a worker does with the next message: takes it, and notes that it has. */
export async function take(redis: RedisRig, list: string, at: Date): Promise<void> {
  const message = String(await redis.ask('RPOP', list));
  const { properties } = JSON.parse(message) as { properties: { delivery_tag: string } };
  await redis.ask(
    'HSET',
    'unacked',
    properties.delivery_tag,
    JSON.stringify([JSON.parse(message), '', list]),
  );
  await redis.ask('ZADD', 'unacked_index', String(at.getTime() / 1000), properties.delivery_tag);
}
