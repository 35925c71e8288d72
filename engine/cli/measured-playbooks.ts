import { lastMeasured, runsByPlaybook } from '../measure/last-measured.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { MeasuredPlaybook } from '../report/measured.ts';
import { playbookFacts } from './playbook-facts.ts';

/**
 * Every playbook that counts in the folder, each with its last drill and its last real run. `keep`: the folder in which
 * what was read of the playbooks may be kept.
 */
export async function measuredPlaybooks(
  playbooks: string,
  runs: readonly RunSummary[],
  keep: string,
): Promise<readonly MeasuredPlaybook[]> {
  const all = await playbookFacts(playbooks, keep);
  const byPlaybook = runsByPlaybook(runs);
  return all.map(({ id, facts }) => ({
    id,
    playbook: facts,
    last: lastMeasured(id, byPlaybook.get(id) ?? []),
  }));
}
