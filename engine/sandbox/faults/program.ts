import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Program } from '../ground/program.ts';
import { asText } from '../ground/text.ts';
import type { FaultPart } from './fault.ts';

/** A program that runs, and what people call it. */
interface Chosen {
  readonly called: string;
  readonly program: Program;
}

/** The program of a part, or the unit of a host that is named; rejects when there is none that could be broken. */
export function runningProgram(fault: string, args: ValueMap, broken: FaultPart): Chosen {
  const chosen = choose(fault, asText(args['unit']), broken);
  if (chosen.program.running) return chosen;
  throw new Error(
    `${fault}: ${chosen.called} does not run: ${chosen.program.ending ?? 'it was never started'}`,
  );
}

function choose(fault: string, unit: string | undefined, { id, part, call }: FaultPart): Chosen {
  const { program, units } = part;
  if (program !== undefined && unit === undefined) return { called: call(id), program };
  const names = [...(units?.keys() ?? [])];
  const name = unit ?? (names.length === 1 ? names[0] : undefined);
  const found = name === undefined ? undefined : units?.get(name);
  if (name !== undefined && found !== undefined)
    return { called: `the unit ${name} of ${call(id)}`, program: found };
  const known = names.length === 0 ? `${id} has no units` : `say which unit of ${id}: ${names.join(' or ')}`;
  throw new Error(`${fault}: ${known}`);
}

/** Now, by the clock of this machine. */
export const now = (): Instant => Instant.fromMillis(Date.now());
