import type { Instant } from '../base/instant.ts';
import type { Event } from '../model/event.ts';
import type { StepDurations } from './history.ts';
import { durationKey } from './history.ts';
import { marksOf } from './marks.ts';
import { recordRun } from './record.ts';
import { timeClasses } from './time.ts';

/** A step that is still to come, as far as the playbook tells. */
export interface PlannedStep {
  readonly key: string;
  readonly title: string;
  readonly expectMs?: number;
  /** Neither in a loop, nor beside others, nor in a called playbook: once a later such step has begun, it is passed. */
  readonly inSequence?: boolean;
}

/** Lengths in milliseconds: half of all runs take no longer than p50, nine of ten no longer than p90. */
export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
}

export interface Forecast {
  /** What is left to do. */
  readonly remainingMs: Percentiles;
  /** The whole way, from the mark that the RTO counts from, or from the start of the run. */
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
 * the squares).
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
  let p50 = 0;
  let squares = 0;
  // What a phase or a branch that was not taken holds is never heard of again.
  const reached = plan.findLastIndex(({ key, inSequence }) => inSequence === true && record.steps.has(key));
  for (const [index, step] of record.finished === undefined ? plan.entries() : []) {
    if (record.steps.get(step.key)?.finished !== undefined) continue;
    if (step.inSequence === true && index < reached && !record.steps.has(step.key)) continue;
    const known =
      record.started === undefined ? undefined : history.get(durationKey(record.started, step.key));
    const estimate = estimateOf(step, known);
    basis[estimate.from] += 1;
    const already = spent.get(step.key) ?? 0;
    const middle = Math.max(0, estimate.p50 - already);
    p50 += middle;
    squares += Math.max(0, estimate.p90 - already - middle) ** 2;
  }
  const remainingMs = { p50, p90: p50 + Math.sqrt(squares) };
  const rto = record.started?.objectives.rto;
  const set = marksOf(record);
  const toTime = rto === undefined ? undefined : set.get(rto.to)?.time;
  const end = toTime ?? record.finished?.at ?? now.epochMicros;
  const from = (rto === undefined ? undefined : set.get(rto.from)?.time) ?? record.started?.at ?? end;
  const elapsedMs = Math.max(0, end - from) / 1000;
  const left = toTime === undefined ? remainingMs : { p50: 0, p90: 0 };
  const totalMs = { p50: elapsedMs + left.p50, p90: elapsedMs + left.p90 };
  if (rto === undefined) return { remainingMs, totalMs, elapsedMs, basis };
  const { targetMs } = rto;
  const outlook = outlookOf({ targetMs, elapsedMs, totalMs, isReached: toTime !== undefined });
  return {
    remainingMs,
    totalMs,
    elapsedMs,
    budget: { targetMs, leftMs: targetMs - elapsedMs, outlook },
    basis,
  };
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
