import type { RunSummary } from './summary.ts';

/** The newest runs of a playbook that have ended: an exercise proves less than the real thing, so they stand apart. */
export interface LastMeasured {
  readonly drill?: RunSummary;
  readonly recovery?: RunSummary;
}

export function lastMeasured(playbook: string, runs: readonly RunSummary[]): LastMeasured {
  const newest = (mode: RunSummary['mode']): RunSummary | undefined =>
    runs
      .filter((run) => run.playbook === playbook && run.mode === mode && run.outcome !== undefined)
      .sort((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))[0];
  const [drill, recovery] = [newest('drill'), newest('recover')];
  return { ...(drill !== undefined && { drill }), ...(recovery !== undefined && { recovery }) };
}
