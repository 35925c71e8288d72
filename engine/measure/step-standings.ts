import type { Event } from '../model/event.ts';
import { TIME_CLASSES } from '../model/time-class.ts';
import { noTime } from './class-times.ts';
import type { ClassTimes, Times } from './class-times.ts';
import { percentile } from './forecast.ts';
import { recordRun } from './record.ts';
import type { StepRecord } from './record.ts';
import { timeClasses } from './time.ts';

/** How a step has gone in several runs. */
export interface StepStanding {
  /** Items of a loop are one step. */
  readonly key: string;
  readonly title: string;
  /** In how many runs it began. */
  readonly runs: number;
  /** In how many of them it failed at least once and came to its end all the same, and in how many it did not. */
  readonly retried: number;
  readonly failed: number;
  /** How long it took where it came to its end; absent where it never did. */
  readonly typicalMs?: number;
  readonly longestMs?: number;
  /** Where its time went in all of them together, in microseconds. */
  readonly classes: ClassTimes;
}

interface Draft {
  title: string;
  runs: number;
  retried: number;
  failed: number;
  readonly lengths: number[];
  readonly classes: Times;
}

/** Of several runs, the newest last: the steps in the order in which they were first met. */
export function stepStandings(runs: readonly (readonly Event[])[]): readonly StepStanding[] {
  const drafts = new Map<string, Draft>();
  for (const events of runs) takeRun(drafts, events);
  return [...drafts].map(([key, { title, lengths, ...draft }]) => ({
    key,
    title,
    runs: draft.runs,
    retried: draft.retried,
    failed: draft.failed,
    classes: draft.classes,
    ...(lengths.length > 0 && { typicalMs: percentile(lengths, 0.5), longestMs: Math.max(...lengths) }),
  }));
}

/** Has it failed in some runs, or before it succeeded? What nobody relies on is not asked. */
export const isFlaky = ({ runs, retried, failed }: StepStanding): boolean =>
  retried > 0 || (failed > 0 && failed < runs);

function takeRun(drafts: Map<string, Draft>, events: readonly Event[]): void {
  const spent = new Map(timeClasses(events).steps.map(({ key, ...share }) => [key, share]));
  const items = new Map<string, StepRecord[]>();
  for (const step of recordRun(events).steps.values()) {
    if (step.started === undefined) continue;
    const name = step.key.replaceAll(/\[[^\]]*\]/g, '[]');
    items.set(name, [...(items.get(name) ?? []), step]);
  }
  for (const [name, steps] of items) {
    const draft = drafts.get(name) ?? {
      ...{ title: '', runs: 0, retried: 0, failed: 0 },
      lengths: [],
      classes: noTime(),
    };
    drafts.set(name, draft);
    takeSteps(draft, steps, spent);
  }
}

/** A step of one run, with all of its items. */
function takeSteps(
  draft: Draft,
  steps: readonly StepRecord[],
  spent: ReadonlyMap<string, { readonly micros: number; readonly classes: ClassTimes }>,
): void {
  draft.title = steps.at(-1)?.title ?? draft.title;
  draft.runs += 1;
  const shares = steps.flatMap(({ key }) => spent.get(key) ?? []);
  for (const { classes } of shares) {
    for (const name of TIME_CLASSES) draft.classes[name] += classes[name];
  }
  if (steps.some(({ finished }) => finished?.conclusion === 'failed')) draft.failed += 1;
  else if (steps.some(({ failedAttempts }) => failedAttempts > 0)) draft.retried += 1;
  if (steps.every(({ finished }) => finished?.outcome === 'succeeded'))
    draft.lengths.push(shares.reduce((sum, { micros }) => sum + micros, 0) / 1000);
}
