import type { CheckProved } from '../model/event.ts';
import type { RunRecord } from './record.ts';

/** A round or an item of a loop is no place of its own: its check was proven once for all of them. */
const ROUND_OR_ITEM = /[^/]+(?:\[[^/]*\]|#\d+)\//g;

/**
 * Whether the check that the step is stayed green while the world was broken, here or where else it is called. Of a loop,
 * whether all checks inside of it did.
 */
export function stayedGreen(record: RunRecord, key: string): boolean {
  const verdicts = verdictsOn(record, key);
  if (verdicts.length > 0) return verdicts.includes('green');
  const inside = stepsWithin(record, key).flatMap((step) => verdictsOn(record, step));
  return inside.length > 0 && inside.every((verdict) => verdict === 'green');
}

/** Keys of the steps that a loop has run for its items, in their order. */
export const stepsWithin = ({ steps }: RunRecord, loop: string): readonly string[] =>
  [...steps.keys()].filter((step) => step.startsWith(`${loop}[`));

function verdictsOn({ proofs }: RunRecord, key: string): readonly CheckProved['verdict'][] {
  const place = key.replace(ROUND_OR_ITEM, '');
  return proofs
    .filter(({ step, alsoAt = [] }) => step === place || alsoAt.includes(place))
    .map(({ verdict }) => verdict);
}
