import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import { asText } from '../ground/text.ts';
import { withRedis } from '../redis/client.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';

const FAULT = 'queue.flooded';
/** So many go in one command. */
const BATCH = 500;

/** Puts far more into a queue than its workers can take, as a client gone wrong does. */
export const queueFlooded: Fault<FaultPart> = { inject };

async function inject(args: ValueMap, { id, part: { redis }, call }: FaultPart): Promise<Injection> {
  if (redis === undefined) throw new Error(`${FAULT}: the part ${id} is no Redis server`);
  const queue = asText(args['queue']) ?? '';
  const messages = Number(args['messages']);
  const message = asText(args['message']) ?? '';
  return await withRedis(redis.url, async (ask) => {
    const kind = await ask('TYPE', queue);
    if (kind !== 'list' && kind !== 'none')
      throw new Error(`${FAULT}: ${queue} is no queue: it is a ${String(kind)}`);
    const before = Number(await ask('LLEN', queue));
    const at = Instant.fromMillis(Date.now());
    for (let sent = 0; sent < messages; sent += BATCH) {
      const count = Math.min(BATCH, messages - sent);
      const batch = Array.from({ length: count }, (_, index) =>
        message.replaceAll('$1', String(sent + index + 1)),
      );
      await ask('LPUSH', queue, ...batch);
    }
    const length = Number(await ask('LLEN', queue));
    if (length <= before)
      throw new Error(`${FAULT}: ${queue} is emptied as fast as it is filled: ask for more messages`);
    return {
      description: `${String(messages)} messages came into the queue ${queue} of ${call(id)}, where ${String(length)} wait`,
      output: { at, queue, messages, before, length },
    };
  });
}
