import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import type { Fault, FaultNetworks, Injection } from './fault.ts';
import { asText } from '../ground/text.ts';

/** Requests arrive and are never answered, as when a network drops packets. Neither side is told. */
export const networkHang: Fault<FaultNetworks> = { inject };

function inject(args: ValueMap, world: FaultNetworks): Promise<Injection> {
  const names = isValueList(args['of']) ? args['of'].map(String) : [];
  if (names.length === 0) {
    throw new Error(`network.hang: say of what: of: [${[...world.networks.keys()].join(', ')}]`);
  }
  const lasts = Duration.parse(asText(args['for']) ?? '');
  if (lasts === undefined) throw new Error('network.hang: "for" is no duration');
  const networks = names.flatMap((name) => {
    const known = world.networks.get(name);
    if (known === undefined) throw new Error(`network.hang: there is no ${name} here`);
    return known;
  });
  const at = Instant.fromMillis(Date.now());
  for (const network of networks) network.hang(lasts.millis);
  return Promise.resolve({
    description: `nothing that is asked of ${names.join(' and ')} is answered for ${lasts.toString()}`,
    output: { at, of: names },
  });
}
