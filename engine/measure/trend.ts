import { percentile } from './forecast.ts';
import type { RunSummary } from './summary.ts';
import type { Verdict } from './verdict.ts';

/** How the runs of one playbook have gone in one environment: a sandbox says nothing about production. */
export interface Trend {
  readonly playbook: string;
  readonly title: string;
  readonly environment: string;
  /** Runs that have ended, the oldest first. */
  readonly runs: readonly RunSummary[];
  readonly drills: number;
  readonly recoveries: number;
  readonly rta: Figures;
  readonly rpa: Figures;
}

/** What was measured in several runs, in milliseconds, the oldest first. */
export interface Figures {
  readonly values: readonly number[];
  /** Of the newest run that had the objective. */
  readonly targetMs?: number;
  readonly last?: number;
  /** Nearest ranks; absent when nothing was measured. */
  readonly p50?: number;
  readonly p90?: number;
  /** How many runs had the objective, by verdict. */
  readonly verdicts: { readonly [V in Verdict]: number };
  /** Absent with fewer than two values. */
  readonly direction?: Direction;
}

/** How the last value stands to the median of those before it. */
export type Direction = 'better' | 'worse' | 'steady';

/** Figures that differ by less than this share count as the same: no two runs take equally long. */
const NOISE = 0.1;

/** Trends of all playbooks and environments, by name. Runs that have not ended prove nothing and are left out. */
export function trendsOf(summaries: readonly RunSummary[]): readonly Trend[] {
  const groups = new Map<string, RunSummary[]>();
  for (const summary of summaries) {
    if (summary.state !== 'finished' || summary.startedAt === undefined) continue;
    const name = JSON.stringify([summary.playbook, summary.environment]);
    groups.set(name, [...(groups.get(name) ?? []), summary]);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, runs]) => trendOf(runs));
}

function trendOf(unsorted: readonly RunSummary[]): Trend[] {
  const runs = [...unsorted].sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
  const newest = runs.at(-1);
  if (newest === undefined) return [];
  return [
    {
      playbook: newest.playbook,
      title: newest.title,
      environment: newest.environment,
      runs,
      drills: runs.filter(({ mode }) => mode === 'drill').length,
      recoveries: runs.filter(({ mode }) => mode === 'recover').length,
      rta: figuresOf(runs.map(({ rto }) => rto)),
      rpa: figuresOf(runs.map(({ rpo }) => rpo)),
    },
  ];
}

interface Measured {
  readonly verdict: Verdict;
  readonly targetMs: number;
  readonly actualMs?: number;
  readonly isAtLeast?: boolean;
}

function figuresOf(measured: readonly (Measured | undefined)[]): Figures {
  const all = measured.filter((each) => each !== undefined);
  // What is at least so long was not measured to its end: it does not compare.
  const values = all.flatMap(({ actualMs, isAtLeast }) =>
    actualMs === undefined || isAtLeast === true ? [] : [actualMs],
  );
  const targetMs = all.at(-1)?.targetMs;
  const last = values.at(-1);
  const direction = directionOf(values);
  const count = (verdict: Verdict): number => all.filter((each) => each.verdict === verdict).length;
  return {
    values,
    verdicts: { met: count('met'), missed: count('missed'), unproven: count('unproven') },
    ...(targetMs !== undefined && { targetMs }),
    ...(last !== undefined && { last, p50: percentile(values, 0.5), p90: percentile(values, 0.9) }),
    ...(direction !== undefined && { direction }),
  };
}

function directionOf(values: readonly number[]): Direction | undefined {
  const last = values.at(-1);
  if (last === undefined || values.length < 2) return undefined;
  const before = percentile(values.slice(0, -1), 0.5);
  if (Math.abs(last - before) <= before * NOISE) return 'steady';
  return last < before ? 'better' : 'worse';
}
