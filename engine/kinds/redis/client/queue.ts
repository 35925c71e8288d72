import { readJson } from '../../../base/json-text.ts';
import { Instant } from '../../../base/instant.ts';
import type { Value } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { Redis, Reply } from './connection.ts';

/** Celery keeps messages of a higher priority in lists of their own, whose names end in these two characters and the priority. */
const PRIORITY_MARK = '\u0006\u0016';
const PRIORITIES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/** Where Celery notes what a worker has taken and not yet done with, and since when. */
const UNACKED = 'unacked';
const UNACKED_SINCE = 'unacked_index';

/** The lists that hold a queue. */
export const listsOf = (queue: string): readonly string[] => [
  queue,
  ...PRIORITIES.map((priority) => `${queue}${PRIORITY_MARK}${String(priority)}`),
];

/** How many messages wait in a list. Throws `StepError` for a key that is no list. */
export async function lengthOf(redis: Redis, key: string): Promise<number> {
  const type = String(await redis.ask('TYPE', key));
  if (type === 'list') return Number(await redis.ask('LLEN', key));
  if (type === 'none') return 0;
  throw new StepError(`${key} is no queue at ${redis.address.host}: it is a ${type}`, { code: 'notAQueue' });
}

/** How many messages wait in a queue, of whatever priority. */
export async function waitingIn(redis: Redis, queue: string): Promise<number> {
  let total = 0;
  for (const list of listsOf(queue)) total += await lengthOf(redis, list);
  return total;
}

/** What workers have taken and not acknowledged, of all queues of this database. */
export async function unackedIn(
  redis: Redis,
): Promise<{ readonly count: number; readonly since: Instant | null }> {
  const count = Number(await redis.ask('HLEN', UNACKED));
  const [, score] = listOf(await redis.ask('ZRANGE', UNACKED_SINCE, '0', '0', 'WITHSCORES'));
  const seconds = Number(score === undefined ? Number.NaN : String(score));
  const known = count > 0 && Number.isFinite(seconds);
  return { count, since: known ? Instant.fromMillis(Math.round(seconds * 1000)) : null };
}

/** The message that a worker would get next: new ones are put in at the left. */
export async function oldestIn(
  redis: Redis,
  queue: string,
): Promise<{ task: string | null; id: string | null } | null> {
  for (const list of listsOf(queue)) {
    const message = await redis.ask('LINDEX', list, '-1');
    if (message !== null) return namesIn(String(message));
  }
  return null;
}

export const listOf = (reply: Reply): readonly Reply[] =>
  Array.isArray(reply) ? (reply as readonly Reply[]) : [];

/** Which task a message of Celery's is for; nulls for one of another form. */
function namesIn(message: string): { task: string | null; id: string | null } {
  const { task, id } = headersOf(message);
  return { task: typeof task === 'string' ? task : null, id: typeof id === 'string' ? id : null };
}

function headersOf(message: string): Readonly<Record<string, Value>> {
  try {
    const read = readJson(message);
    const headers = isValueMap(read) ? read['headers'] : undefined;
    return isValueMap(headers) ? headers : {};
  } catch {
    return {};
  }
}
