import type { Instant } from '../base/instant.ts';
import type { Event } from '../model/event.ts';
import type { StepDurations } from './history.ts';
import type { Choice } from '../model/walk.ts';
import { durationKey } from './history.ts';
import { marksOf } from './marks.ts';
import { passedBy, recordRun } from './record.ts';
import { timeClasses } from './time.ts';

/** A step that is still to come, as far as the playbook tells. */
export interface PlannedStep {
  readonly key: string;
  readonly title: string;
  readonly expectMs?: number;
  /** Neither in a loop, nor beside others, nor in a called playbook: once a later such step has begun, it is passed. */
  readonly inSequence?: boolean;
  /** The branches that have to be chosen for it to run, outermost first. */
  readonly choices?: readonly Choice[];
}

/** Lengths in milliseconds: half of all runs take no longer than p50, nine of ten no longer than p90. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
}

export interface Forecast {
  /** What is left to do. */
  readonly remainingMs: Percentiles;
  /** The whole way, from the mark that the RTO counts from; where that is not set, from when the recovery began. */
  readonly totalMs: Percentiles;
  /** Spent of it so far. */
  readonly elapsedMs: number;
  /** Absent when the playbook has no RTO. `leftMs` is negative once it is exceeded. */
  readonly budget?: { readonly targetMs: number; readonly leftMs: number; readonly outlook: Outlook };
  /** How many of the steps that are left each figure rests on. `unknown` ones count as nothing. */
  readonly basis: { readonly history: number; readonly expect: number; readonly unknown: number };
}

/** Held against the RTO: `likely` in time with p90, `atRisk` only with p50, `unlikely` not even so, `missed` already. */
export type Outlook = 'likely' | 'atRisk' | 'unlikely' | 'missed' | 'met';

/**
 * What remains of a run, from how long the same steps took earlier in the same environment,
 * else from their `expect`. The p90 of several steps is not the sum of their p90s: they do not
 * all go badly at once. Their spreads are added as those of independent lengths (the root of
 * the squares). Of branches that one has yet to be chosen from, the longest counts.
 */
export function forecast(options: {
  readonly events: readonly Event[];
  readonly plan: readonly PlannedStep[];
  readonly history: StepDurations;
  readonly now: Instant;
}): Forecast {
  const { events, plan, history, now } = options;
  const record = recordRun(events);
  const spent = new Map(timeClasses(events, now).steps.map(({ key, micros }) => [key, micros / 1000]));
  const basis = { history: 0, expect: 0, unknown: 0 };
  const chosen = new Map(record.choices.map(({ key, branch }) => [key, branch]));
  const lengths: Length[] = [];
  // What a phase or a branch that was not taken holds is never heard of again.
  const reached = plan.findLastIndex(({ key, inSequence }) => inSequence === true && record.steps.has(key));
  for (const [index, step] of record.finished === undefined ? plan.entries() : []) {
    const { key, choices = [] } = step;
    if (record.steps.get(key)?.finished !== undefined) continue;
    if (choices.some((choice) => (chosen.get(choice.key) ?? choice.branch) !== choice.branch)) continue;
    if (step.inSequence === true && index < reached && !record.steps.has(key)) continue;
    const name = durationKey(record, key);
    const known = name === undefined ? undefined : history.get(name);
    const estimate = estimateOf(step, known);
    basis[estimate.from] += 1;
    const already = spent.get(key) ?? 0;
    const p50 = Math.max(0, estimate.p50 - already);
    lengths.push({ choices, p50, squares: Math.max(0, estimate.p90 - already - p50) ** 2 });
  }
  const { p50, squares } = lengthOf(lengths, 0);
  const remainingMs = { p50, p90: p50 + Math.sqrt(squares) };
  const rto = record.started?.objectives.rto;
  const set = marksOf(record);
  const reachedAt = rto === undefined ? undefined : set.get(rto.to)?.elapsed;
  const end = reachedAt?.passed ?? passedBy(record, record.finished === undefined ? now : undefined);
  const from = [rto?.from ?? 'declared', 'declared'].map((mark) => set.get(mark)?.elapsed?.passed);
  const elapsedMs = Math.max(0, end - (from[0] ?? from[1] ?? 0)) / 1000;
  const left = reachedAt === undefined ? remainingMs : { p50: 0, p90: 0 };
  const totalMs = { p50: elapsedMs + left.p50, p90: elapsedMs + left.p90 };
  if (rto === undefined) return { remainingMs, totalMs, elapsedMs, basis };
  const { targetMs } = rto;
  const outlook = outlookOf({ targetMs, elapsedMs, totalMs, isReached: reachedAt !== undefined });
  return {
    remainingMs,
    totalMs,
    elapsedMs,
    budget: { targetMs, leftMs: targetMs - elapsedMs, outlook },
    basis,
  };
}

/** What is left of a step, and the square of how much longer it may take. */
interface Length {
  readonly choices: readonly Choice[];
  readonly p50: number;
  readonly squares: number;
}

/** How long all of them take together: of a choice's branches only the longest. `depth`: how many choices are made. */
function lengthOf(lengths: readonly Length[], depth: number): Omit<Length, 'choices'> {
  let p50 = 0;
  let squares = 0;
  const branches = new Map<string, Map<string, Length[]>>();
  for (const length of lengths) {
    const choice = length.choices[depth];
    if (choice === undefined) {
      p50 += length.p50;
      squares += length.squares;
      continue;
    }
    const others = branches.get(choice.key) ?? new Map<string, Length[]>();
    branches.set(choice.key, others.set(choice.branch, [...(others.get(choice.branch) ?? []), length]));
  }
  for (const others of branches.values()) {
    const [longest] = [...others.values()]
      .map((branch) => lengthOf(branch, depth + 1))
      .sort((a, b) => b.p50 + Math.sqrt(b.squares) - a.p50 - Math.sqrt(a.squares));
    p50 += longest?.p50 ?? 0;
    squares += longest?.squares ?? 0;
  }
  return { p50, squares };
}

function estimateOf(
  step: PlannedStep,
  known: readonly number[] | undefined,
): Percentiles & { readonly from: 'history' | 'expect' | 'unknown' } {
  if (known !== undefined && known.length > 0) {
    return { from: 'history', p50: percentile(known, 0.5), p90: percentile(known, 0.9) };
  }
  if (step.expectMs !== undefined) return { from: 'expect', p50: step.expectMs, p90: step.expectMs };
  return { from: 'unknown', p50: 0, p90: 0 };
}

/** The nearest rank: always a length that was measured. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function outlookOf(options: {
  readonly targetMs: number;
  readonly elapsedMs: number;
  readonly totalMs: Percentiles;
  readonly isReached: boolean;
}): Outlook {
  const { targetMs, elapsedMs, totalMs, isReached } = options;
  if (elapsedMs > targetMs) return 'missed';
  if (isReached) return 'met';
  if (totalMs.p50 > targetMs) return 'unlikely';
  return totalMs.p90 > targetMs ? 'atRisk' : 'likely';
}
