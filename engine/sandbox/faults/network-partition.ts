import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { forSoLong, linksOf } from './links.ts';
import { now } from './program.ts';

const FAULT = 'network.partition';

/** Cuts a part off from others, whose addresses it names. */
export const networkPartition: Fault<FaultPart> = { inject };

function inject(args: ValueMap, broken: FaultPart): Promise<Injection> {
  const { links, to } = linksOf(FAULT, args, broken);
  const lasts = forSoLong(args);
  const how = args['by'] === 'reset' ? 'reset' : 'drop';
  const at = now();
  for (const link of links) link.cut(how, lasts.millis);
  const effect = how === 'drop' ? 'what either sends is lost' : 'their connections are reset';
  return Promise.resolve({
    description: `${broken.call(broken.id)} is cut off from ${to.map(broken.call).join(' and ')}${lasts.words}: ${effect}`,
    output: { at, to },
  });
}
