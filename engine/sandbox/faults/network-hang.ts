import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { asText } from '../ground/text.ts';

/** Requests arrive and are never answered, as when a network drops packets. Neither side is told. */
export const networkHang: Fault<FaultPart> = { inject };

function inject(args: ValueMap, { id, part, call }: FaultPart): Promise<Injection> {
  const { network } = part;
  if (network === undefined) throw new Error(`network.hang: the part ${id} is reached by nobody`);
  const lasts = Duration.parse(asText(args['for']) ?? '');
  if (lasts === undefined) throw new Error('network.hang: "for" is no duration');
  const at = Instant.fromMillis(Date.now());
  network.hang(lasts.millis);
  return Promise.resolve({
    description: `nothing that is asked of ${call(id)} is answered for ${lasts.toString()}`,
    output: { at, of: [id] },
  });
}
