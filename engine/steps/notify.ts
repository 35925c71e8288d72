import type { Value, ValueMap } from '../base/value.ts';
import type { StepContext, StepKind } from '../model/stepkind.ts';
import { StepError } from '../model/stepkind.ts';
import { map, text } from './args.ts';
import { nameOf } from './target.ts';

/** Delivers a text over one way that a channel may name; returns what the output says of it. */
type Deliver = (settings: Value, message: string, context: StepContext) => Promise<string>;

const WAYS: ReadonlyMap<string, Deliver> = new Map([['console', toConsole]]);

function toConsole(_settings: Value, message: string, context: StepContext): Promise<string> {
  for (const line of message.split('\n')) context.log(line);
  return Promise.resolve('console');
}

/** Tells people something over a channel of the environment, by each way that the channel names. */
export const notify: StepKind = {
  name: 'notify',
  failureIsNoted: true,
  effect: (args) => (waysOf(map(args, 'channel')).every((way) => way === 'console') ? 'none' : 'write'),
  describe(args) {
    const [firstLine = ''] = text(args, 'text').split('\n', 1);
    return `Tell ${nameOfChannel(map(args, 'channel'))}: ${firstLine}`;
  },
  targets: () => [],
  async run(args, context) {
    const channel = map(args, 'channel');
    const ways = waysOf(channel).map((way) => ({ way, deliver: WAYS.get(way) ?? unknown(way) }));
    if (ways.length === 0)
      throw new StepError('the channel names no way to reach anybody', { code: 'notConfigured' });
    const delivered: string[] = [];
    for (const { way, deliver } of ways) {
      delivered.push(await deliver(channel[way] ?? null, text(args, 'text'), context));
    }
    return { delivered };
  },
};

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
