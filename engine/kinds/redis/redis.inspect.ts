import type { StepContext, StepKind } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { redisInShell } from './client/by-hand.ts';
import { openRedis } from './client/connection.ts';
import type { Redis } from './client/connection.ts';
import { listOf, oldestIn, unackedIn, waitingIn } from './client/queue.ts';

type Args = With['redis.inspect'];
type Result = Output['redis.inspect'];

/** Keys that the server is asked to look at in one step of a search. */
const SCAN_COUNT = '1000';

/** Looks at a Redis database: its role, how long queues are, what workers have taken, how many keys begin alike. */
export const redisInspect: StepKind<Args, Result> = {
  name: 'redis.inspect',
  outputs: ['queues'],
  effect: () => 'read',
  describe: (args) => `Look at ${[nameOf(args.redis), ...(args.queues ?? [])].join(', ')}`,
  byHand: (args, environment) =>
    ['INFO replication', ...(args.queues ?? []).map((queue) => `LLEN ${queue}`), 'HLEN unacked']
      .map((command) => `redis-cli -u "${redisInShell(args.redis, environment)}" ${command}`)
      .join(' && '),
  targets: (args) => [targetUse('redis', args.redis, 'read')],

  async run(args, context) {
    const redis = await openRedis(args.redis, context);
    try {
      return await look(redis, args, context);
    } finally {
      redis.close();
    }
  },
};

async function look(
  redis: Redis,
  { queues = [], prefixes = [] }: Args,
  context: StepContext,
): Promise<Result> {
  const info = await redis.info();
  const counted: Result['queues'][number][] = [];
  for (const name of queues) {
    counted.push({ name, length: await waitingIn(redis, name), oldest: await oldestIn(redis, name) });
  }
  const found: Result['prefixes'][number][] = [];
  for (const prefix of prefixes) found.push({ prefix, keys: await keysWith(redis, prefix, context) });
  return {
    version: info.get('redis_version') ?? '',
    role: info.get('role') === 'slave' ? 'replica' : 'primary',
    replication: replicationOf(info),
    keys: Number(await redis.ask('DBSIZE')),
    memoryBytes: Number(info.get('used_memory') ?? 0),
    queues: counted,
    unacked: await unackedIn(redis),
    prefixes: found,
  };
}

function replicationOf(info: ReadonlyMap<string, string>): Result['replication'] {
  const link = info.get('master_link_status');
  const quiet = info.get('master_last_io_seconds_ago');
  return {
    replicas: Number(info.get('connected_slaves') ?? 0),
    link: link === undefined ? null : link === 'up' ? 'up' : 'down',
    secondsSinceHeard: quiet === undefined || Number(quiet) < 0 ? null : Number(quiet),
  };
}

/** All of them, however many: a search tells a key twice while the server grows its table. */
async function keysWith(redis: Redis, prefix: string, context: StepContext): Promise<number> {
  const pattern = `${prefix.replaceAll(/[\\*?[\]^]/g, String.raw`\$&`)}*`;
  const keys = new Set<string>();
  let cursor = '0';
  do {
    context.signal.throwIfAborted();
    const [next, page] = listOf(await redis.ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT));
    for (const key of listOf(page ?? null)) keys.add((key as Buffer).toString('latin1'));
    cursor = String(next);
    context.progress(keys.size, undefined, 'keys');
  } while (cursor !== '0');
  return keys.size;
}
