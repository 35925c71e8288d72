import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { now } from './program.ts';

const FAULT = 'disk.full';

/** Fills the disk of a part to its last byte, as a log does that nobody rotates. */
export const diskFull: Fault<FaultPart> = { inject };

async function inject(_args: ValueMap, { id, part: { disk }, call }: FaultPart): Promise<Injection> {
  if (disk === undefined)
    throw new Error(`${FAULT}: ${id} has no disk of its own: give it one in the world's file, disk: 200MB`);
  await disk.fill();
  return {
    description: `the disk of ${call(id)}, ${String(disk.megabytes)} MB, is full`,
    output: { at: now(), file: disk.ballast },
  };
}
