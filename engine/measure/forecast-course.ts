import { Instant } from '../base/instant.ts';
import type { Event } from '../model/event.ts';
import { forecast } from './forecast.ts';
import type { Percentiles, PlannedStep } from './forecast.ts';
import type { StepDurations } from './history.ts';

/** What was expected at a moment of the run. */
export interface Expected {
  /** Since the mark that the RTO counts from, in milliseconds. */
  readonly elapsedMs: number;
  /** Of the whole way, counted from there too. */
  readonly totalMs: Percentiles;
}

/** At so many moments at the most: a forecast sums up all that went before it. */
const MOMENTS = 40;

/**
 * What was expected of a run while it went on, worked out again from its events and from what was known of its steps
 * then. Moments before the clock of the RTO runs, and those of which nothing was known, are left out.
 */
export function forecastCourse(options: {
  readonly events: readonly Event[];
  readonly plan: readonly PlannedStep[];
  readonly history: StepDurations;
}): readonly Expected[] {
  const { events, plan, history } = options;
  const from = events.find((event) => event.type === 'run.started')?.objectives.rto?.from ?? 'declared';
  const begin = events.findIndex((event) => event.type === 'mark.set' && event.mark === from);
  const moments = events.flatMap(({ type }, index) => (TOLD_AT.has(type) && index >= begin ? [index] : []));
  const every = Math.max(1, Math.ceil(moments.length / MOMENTS));
  return moments.flatMap((index, at) => {
    const now = events[index]?.at;
    if (now === undefined || (at % every !== 0 && at !== moments.length - 1)) return [];
    const so = forecast({ events: events.slice(0, index + 1), plan, history, now: new Instant(now) });
    const { history: known, expect } = so.basis;
    return known + expect === 0 ? [] : [{ elapsedMs: so.elapsedMs, totalMs: so.totalMs }];
  });
}

/** When the screen's forecast moves: a step that has ended says how long it took. */
const TOLD_AT: ReadonlySet<string> = new Set([
  'step.started',
  'step.finished',
  'branch.chosen',
  'gate.answered',
]);
