import { isEvidence } from '../model/mode.ts';
import { percentile } from './forecast.ts';
import type { RunSummary } from './summary.ts';
import type { Verdict } from './verdict.ts';

/**
 * What runs must have in common to be compared: a sandbox says nothing about production, an unattended drill
 * nothing about people, and each disaster and each way out of it takes its own time.
 */
export type Setting = Pick<
  RunSummary,
  'playbook' | 'mode' | 'rehearsal' | 'branches' | 'environment' | 'environmentKind' | 'world' | 'unattended'
>;

/** How runs that are alike have gone, one after the other. */
export interface Trend {
  readonly setting: Setting;
  readonly title: string;
  /** Runs that have ended, the oldest first. */
  readonly runs: readonly RunSummary[];
  readonly rta: Figures;
  readonly rpa: Figures;
}

/** Equal for runs that may be compared; in the order of these names. */
const nameOf = (of: Setting): string =>
  JSON.stringify([
    of.playbook,
    of.environment,
    of.environmentKind,
    of.world ?? '',
    of.mode,
    of.rehearsal ?? '',
    of.branches,
    of.unattended,
  ]);

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

/** Trends by setting, in the order of their names. Runs that have not ended prove nothing and are left out, as tabletops are. */
export function trendsOf(summaries: readonly RunSummary[]): readonly Trend[] {
  const groups = new Map<string, RunSummary[]>();
  for (const summary of summaries) {
    if (summary.state !== 'finished' || summary.startedAt === undefined || !isEvidence(summary.mode))
      continue;
    const name = nameOf(summary);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [summary]);
    else group.push(summary);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, runs]) => trendOf(runs));
}

function trendOf(unsorted: readonly RunSummary[]): Trend[] {
  const runs = [...unsorted].sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
  const newest = runs.at(-1);
  if (newest === undefined) return [];
  return [
    {
      setting: newest,
      title: newest.title,
      runs,
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
