import type { Json } from '../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../base/json.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import type { Message } from './message.ts';
import { nameOf } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['notify'];

/** Tells a message by one way of a channel. Resolves with what is worth noting although it arrived. */
type Deliver = (settings: Value, message: Message, context: StepContext) => Promise<string | undefined>;

const WAYS: ReadonlyMap<string, Deliver> = new Map<string, Deliver>([
  ['console', toConsole],
  [
    'slack',
    async (settings, message, context) => {
      await (await import('./slack.ts')).toSlack(settings, message, context);
      return undefined;
    },
  ],
  [
    'smtp',
    async (settings, message, context) => {
      const refused = await (await import('./smtp.ts')).toMail(settings, message, context);
      return refused.length === 0 ? undefined : `the mail server did not take ${refused.join(', ')}`;
    },
  ],
  [
    'pagerduty',
    async (settings, message, context) => {
      await (await import('./pagerduty.ts')).toPagerDuty(settings, message, context);
      return undefined;
    },
  ],
  [
    'statuspage',
    async (settings, message, context) =>
      (await import('./statuspage.ts')).toStatuspage(settings, message, context),
  ],
  [
    'webhook',
    async (settings, message, context) => {
      await (await import('./json-webhook.ts')).toWebhook(settings, message, context);
      return undefined;
    },
  ],
]);

function toConsole(_settings: Value, { text: said }: Message, context: StepContext): Promise<undefined> {
  for (const line of said.split('\n')) context.log(line);
  return Promise.resolve(undefined);
}

/**
 * Tells people something over a channel of the environment, by each way that the channel names, at the same
 * time. A way that fails is noted; the step fails only when nobody could be told.
 */
export const notify: StepKind<Args, Output['notify']> = {
  name: 'notify',
  failureIsNoted: true,
  effect: (args) => (waysOf(args.channel).every((way) => way === 'console') ? 'none' : 'write'),
  describe(args) {
    const event = args.event ?? 'trigger';
    const what = event === 'trigger' ? 'Tell' : event === 'resolve' ? 'Resolve at' : 'Acknowledge at';
    return `${what} ${nameOfChannel(args.channel)}: ${firstLine(args)}`;
  },
  targets: () => [],
  goesTo: ({ channel }) => channel,
  async run(args, context) {
    const { channel } = args;
    const ways = waysOf(channel).map((way) => ({ way, deliver: WAYS.get(way) ?? unknown(way) }));
    if (ways.length === 0)
      throw new StepError('the channel names no way to reach anybody', { code: 'notConfigured' });
    const before = deliveredBefore(context.checkpoint);
    const delivered = new Set(before);
    const saved = new Chain();
    const failed: Failed[] = [];
    await Promise.all(
      ways
        .filter(({ way }) => !delivered.has(way))
        .map(async ({ way, deliver }) => {
          try {
            const note = await deliver(channel[way] ?? null, messageOf(args), context);
            if (note !== undefined) context.log(note);
            delivered.add(way);
            await saved.add(() => context.saveCheckpoint({ delivered: [...delivered] }));
          } catch (error) {
            context.signal.throwIfAborted();
            if (!(error instanceof StepError)) throw error;
            context.log(`${way}: ${error.message}`);
            failed.push({ way, code: error.code, message: error.message, hint: error.hint ?? null });
          }
        }),
    );
    const inOrder = ways.map(({ way }) => way).filter((way) => delivered.has(way));
    if (inOrder.length === 0) throw nobodyTold(failed);
    return { delivered: inOrder, failed };
  },

  // What is not known to have arrived is said again: told twice is better than never told.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

interface Failed extends ValueMap {
  readonly way: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Runs one thing after the other. */
class Chain {
  #last: Promise<void> = Promise.resolve();

  add(next: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(next);
    return this.#last;
  }
}

function deliveredBefore(checkpoint: Json | undefined): readonly string[] {
  const delivered = isJsonObject(checkpoint) ? checkpoint['delivered'] : undefined;
  return delivered !== undefined && isJsonArray(delivered)
    ? delivered.filter((way) => typeof way === 'string')
    : [];
}

function messageOf(args: Args): Message {
  return {
    text: args.text,
    subject: args.subject ?? firstLine(args),
    event: args.event ?? 'trigger',
    severity: args.severity,
  };
}

const firstLine = (args: Args): string => args.text.split('\n', 1)[0] ?? '';

function nobodyTold(failed: readonly Failed[]): StepError {
  const reasons = failed.map(({ message }) => message).join('; ');
  const hints = failed.map(({ hint }) => hint).filter((hint) => hint !== null);
  return new StepError(`nobody could be told: ${reasons}`, {
    code: 'notDelivered',
    retryable: true,
    details: { failed },
    ...(hints[0] !== undefined && { hint: hints[0] }),
  });
}

/** `name` and `$target` say what the channel is called; `false` switches a way off. */
const waysOf = (channel: ValueMap): readonly string[] =>
  Object.keys(channel).filter((key) => key !== 'name' && key !== '$target' && channel[key] !== false);

const nameOfChannel = (channel: ValueMap): string =>
  typeof channel['name'] === 'string' ? nameOf(channel) : waysOf(channel).join(' and ');

function unknown(way: string): never {
  throw new StepError(`nobody here can deliver to a channel of the type "${way}"`, {
    code: 'channelUnsupported',
    hint: `Types known: ${[...WAYS.keys()].join(', ')}.`,
  });
}
