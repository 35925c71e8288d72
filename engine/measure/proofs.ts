import type { RunRecord } from './record.ts';

/** A round or an item of a loop is no place of its own: its check was proven once for all of them. */
const ROUND_OR_ITEM = /[^/]+(?:\[[^/]*\]|#\d+)\//g;

/** Whether the check that the step is stayed green while the world was broken, here or where else it is called. */
export function stayedGreen({ proofs }: RunRecord, key: string): boolean {
  const place = key.replace(ROUND_OR_ITEM, '');
  return proofs.some(
    ({ verdict, step, alsoAt = [] }) => verdict === 'green' && (step === place || alsoAt.includes(place)),
  );
}
