import { Duration } from '../../base/duration.ts';
import type { ValueMap } from '../../base/value.ts';
import { asText } from '../ground/text.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { now } from './program.ts';

const FAULT = 'clock.skew';

/** Sets the clock of a program wrong while it runs, as on a machine that has lost its time server. */
export const clockSkew: Fault<FaultPart> = { inject };

async function inject(args: ValueMap, { id, part: { clock }, call }: FaultPart): Promise<Injection> {
  if (clock === undefined)
    throw new Error(
      `${FAULT}: ${id} has the clock of this machine: give it ownClock: true in the world's file`,
    );
  const by = Duration.parse(asText(args['by']) ?? '');
  if (by === undefined || by.millis === 0) throw new Error(`${FAULT}: "by" says how wrong the clock is`);
  const direction = args['direction'] === 'behind' ? 'behind' : 'ahead';
  const at = now();
  await clock.set(direction === 'behind' ? -by.millis : by.millis);
  return {
    description: `the clock of ${call(id)} is ${by.toString()} ${direction}`,
    output: { at, by: by.toString(), direction },
  };
}
