import type { RunSummary } from './summary.ts';

/** The newest runs of a playbook that have ended: an exercise proves less than the real thing, so they stand apart. */
export interface LastMeasured {
  readonly drill?: RunSummary;
  readonly recovery?: RunSummary;
}

export function lastMeasured(playbook: string, runs: readonly RunSummary[]): LastMeasured {
  const drill = newest(playbook, 'drill', runs);
  const recovery = newest(playbook, 'recover', runs);
  return { ...(drill !== undefined && { drill }), ...(recovery !== undefined && { recovery }) };
}

/** The runs of each playbook, in their order: asked once, where many playbooks are asked about many runs. */
export function runsByPlaybook(runs: readonly RunSummary[]): ReadonlyMap<string, readonly RunSummary[]> {
  const groups = new Map<string, RunSummary[]>();
  for (const run of runs) {
    const group = groups.get(run.playbook);
    if (group === undefined) groups.set(run.playbook, [run]);
    else group.push(run);
  }
  return groups;
}

/** One pass and no list: there may be many runs. */
function newest(
  playbook: string,
  mode: RunSummary['mode'],
  runs: readonly RunSummary[],
): RunSummary | undefined {
  let found: RunSummary | undefined;
  for (const run of runs) {
    if (run.playbook !== playbook || run.mode !== mode || run.outcome === undefined) continue;
    if (found === undefined || (run.startedAt ?? 0) > (found.startedAt ?? 0)) found = run;
  }
  return found;
}
