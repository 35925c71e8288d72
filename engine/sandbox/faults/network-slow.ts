import { Duration } from '../../base/duration.ts';
import type { ValueMap } from '../../base/value.ts';
import { asText } from '../ground/text.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { forSoLong, linksOf } from './links.ts';
import { now } from './program.ts';

const FAULT = 'network.slow';

/** Slows the network between a part and others, whose addresses it names. */
export const networkSlow: Fault<FaultPart> = { inject };

function inject(args: ValueMap, broken: FaultPart): Promise<Injection> {
  const { links, to } = linksOf(FAULT, args, broken);
  const delay = Duration.parse(asText(args['delay']) ?? '');
  const bytesPerSecond = args['bytesPerSecond'] === undefined ? undefined : Number(args['bytesPerSecond']);
  const delayMs = delay?.millis ?? 0;
  if (delayMs === 0 && bytesPerSecond === undefined)
    throw new Error(`${FAULT}: say how slow it is: delay, bytesPerSecond or both`);
  const lasts = forSoLong(args);
  const at = now();
  for (const link of links) link.slow({ delayMs, bytesPerSecond }, lasts.millis);
  const how = [
    ...(delayMs > 0 ? [`takes ${String(delay)} each way`] : []),
    ...(bytesPerSecond === undefined ? [] : [`moves ${String(bytesPerSecond)} bytes a second`]),
  ];
  return Promise.resolve({
    description: `the network between ${broken.call(broken.id)} and ${to.map(broken.call).join(' and ')} ${how.join(' and ')}${lasts.words}`,
    output: { at, to },
  });
}
