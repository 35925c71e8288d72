import { isJsonObject } from '../../base/json.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';
import { claim, elsewhere, fromFolder, mustBeFree, partialBeside } from '../machine/place.ts';
import type { WritePlace } from '../machine/place.ts';
import { quote } from '../context/quote.ts';
import type { Output, With } from '../types.ts';
import { redisInShell } from './client/by-hand.ts';
import { openRedis } from './client/connection.ts';
import type { Redis } from './client/connection.ts';
import { keepMessages } from './client/keep.ts';
import type { Aside, Kept } from './client/keep.ts';
import { lengthOf, listsOf, unackedIn, waitingIn } from './client/queue.ts';

type Args = With['redis.purge'];
type Result = Output['redis.purge'];

/**
 * Empties a queue. It is set aside in one moment, so that no worker takes of it any more and what comes meanwhile is
 * left alone; then it is kept in a file where that is asked for, and only then removed.
 */
export const redisPurge: StepKind<Args, Result> = {
  name: 'redis.purge',
  outputs: ['purged'],
  effect: () => 'destructive',
  describe: ({ redis, queue, keep }) =>
    `Remove every message that waits in ${queue} of ${nameOf(redis)}${keep === undefined ? ', for good' : `, and keep them in ${keep}`}`,
  byHand: ({ redis, queue, keep }, environment, folder) =>
    [
      ...(keep === undefined
        ? []
        : [
            `redis-cli -u "${redisInShell(redis, environment)}" LRANGE ${queue} 0 -1 > ${quote(fromFolder(keep, folder))}`,
          ]),
      `redis-cli -u "${redisInShell(redis, environment)}" DEL ${queue}`,
    ].join(' && '),
  targets: (args) => [targetUse('redis', args.redis, 'destructive')],
  writesElsewhere: (args, folder) => elsewhere(args.keep, folder),
  typedName: ({ queue, keep }) => (keep === undefined ? queue : undefined),

  async run(args, context) {
    const place = args.keep === undefined ? undefined : await claim(args.keep, args, context);
    const redis = await openRedis(args.redis, context);
    try {
      return await purge(redis, args.queue, place, context);
    } finally {
      redis.close();
    }
  },

  // What was set aside is found again under this step's own name; what came since then is another matter.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

/** How far a life of the step got. */
interface Progress {
  /** What waited when it began, and in which lists. */
  readonly before: number;
  readonly lists: readonly string[];
  /** How much was set aside; known once that may be removed, the file being whole. */
  readonly purged: number | null;
  readonly kept: Result['kept'];
}

async function purge(
  redis: Redis,
  queue: string,
  place: WritePlace | undefined,
  context: StepContext,
): Promise<Result> {
  let progress = progressOf(context.checkpoint) ?? (await begin(redis, queue, place, context));
  const aside = progress.lists.map((list) => ({ list, name: asideOf(list, context) }));
  if (progress.purged === null) {
    for (const { list, name } of aside) await setAside(redis, list, name);
    const kept = place === undefined ? null : await keepOrPutBack(redis, aside, place, context);
    const purged = kept?.messages ?? (await lengthOfAll(redis, aside));
    progress = { ...progress, purged, kept };
    await save(context, progress);
  }
  for (const { name } of aside) await redis.ask('UNLINK', name);
  const { before, purged, kept } = progress;
  const after = await waitingIn(redis, queue);
  return { queue, before, purged: purged ?? 0, after, unacked: (await unackedIn(redis)).count, kept };
}

/** Where it cannot be kept it is not removed: workers find it again, in its order. */
async function keepOrPutBack(
  redis: Redis,
  aside: readonly Aside[],
  place: WritePlace,
  context: StepContext,
): Promise<Kept> {
  try {
    return await keepMessages(redis, aside, place, partialBeside(place, context), context);
  } catch (error) {
    context.signal.throwIfAborted();
    for (const { list, name } of aside) {
      while ((await redis.ask('LMOVE', name, list, 'LEFT', 'RIGHT')) !== null);
    }
    throw error;
  }
}

/** Looks at all that could be in the way before anything is touched, and notes which lists it is about. */
async function begin(
  redis: Redis,
  queue: string,
  place: WritePlace | undefined,
  context: StepContext,
): Promise<Progress> {
  const info = await redis.info();
  if (info.get('role') === 'slave') {
    throw new StepError(`${redis.address.host} is a replica, on which nothing can be removed`, {
      code: 'replica',
      hint: `Its primary is ${info.get('master_host') ?? 'unknown'}:${info.get('master_port') ?? ''}.`,
    });
  }
  if (place !== undefined) await mustBeFree(place);
  const waiting = new Map<string, number>();
  for (const list of listsOf(queue)) waiting.set(list, await lengthOf(redis, list));
  const lists = listsOf(queue).filter((list) => (waiting.get(list) ?? 0) > 0);
  const before = [...waiting.values()].reduce((sum, length) => sum + length, 0);
  const progress = { before, lists, purged: null, kept: null };
  await save(context, progress);
  return progress;
}

/** In one moment, and once: what an earlier life set aside stays as it is. */
async function setAside(redis: Redis, list: string, name: string): Promise<void> {
  if (Number(await redis.ask('EXISTS', name)) === 1) return;
  try {
    await redis.ask('RENAMENX', list, name);
  } catch (error) {
    // Workers have emptied it meanwhile.
    if (error instanceof StepError && error.message.includes('no such key')) return;
    throw error;
  }
}

async function lengthOfAll(redis: Redis, aside: readonly Aside[]): Promise<number> {
  let sum = 0;
  for (const { name } of aside) sum += await lengthOf(redis, name);
  return sum;
}

/** A name of the step's own, with the list's behind it for a person who finds it after a kill. */
const asideOf = (list: string, context: StepContext): string => `${context.resourceName()}:${list}`;

const save = (context: StepContext, progress: Progress): Promise<void> =>
  context.saveCheckpoint({ ...progress, lists: [...progress.lists] });

function progressOf(checkpoint: Json | undefined): Progress | undefined {
  if (checkpoint === undefined || !isJsonObject(checkpoint)) return undefined;
  return checkpoint as JsonObject & Progress;
}
