import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultWorld, Injection } from '../faults.ts';
import { textOf } from '../text.ts';

/**
 * Render is down, everywhere or in one region: services and databases there are suspended by it and stopped,
 * nothing new can be made there, and the status page says so.
 */
export const renderOutage: Fault = { inject };

async function inject(args: ValueMap, { workspace }: FaultWorld): Promise<Injection> {
  const region = textOf(args['region']);
  const lasts = args['for'] === undefined ? undefined : Duration.parse(textOf(args['for']) ?? '');
  const at = Instant.fromMillis(Date.now());
  await workspace.outage.begin(region, lasts?.millis);
  const things = [...workspace.services.values(), ...workspace.databases.values()];
  const down = things.filter((thing) => workspace.outage.holds(thing)).map(({ name }) => name);
  return {
    description: `Render is down${region === undefined ? '' : ` in ${region}`}: ${down.join(', ')} stopped`,
    output: { at, region: region ?? null, down },
  };
}
