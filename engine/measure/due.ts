import { Instant } from '../base/instant.ts';
import type { ScheduleEntry } from '../model/schedule.ts';
import type { RunSummary } from './summary.ts';

/** How an entry of the schedule stands. */
export interface DueStatus {
  readonly entry: ScheduleEntry;
  /** `upcoming`: it was not due yet. `done`: there is a run since it was due last. */
  readonly state: 'overdue' | 'due' | 'done' | 'upcoming';
  /** The first day for which there is no run yet. */
  readonly due?: Instant;
  /** How many days it was due on since the last run. */
  readonly missed: number;
  /** The next day after now; absent when the rule has ended. */
  readonly next?: Instant;
  /** The newest run that counts. */
  readonly last?: RunSummary;
}

/**
 * Holds the days of an entry (in order; read up to the first after `now`) against the runs. A day is done
 * when a run of the playbook in that environment was started on it or later and ran to its end.
 */
export function dueStatus(
  entry: ScheduleEntry,
  days: Iterable<Instant>,
  runs: readonly RunSummary[],
  now: Instant,
): DueStatus {
  const last = countingRuns(entry, runs).at(-1);
  const doneAt = last?.startedAt ?? Number.NEGATIVE_INFINITY;
  let begun = false;
  let due: Instant | undefined;
  let missed = 0;
  let next: Instant | undefined;
  for (const day of days) {
    if (day.epochMicros > now.epochMicros) {
      next = day;
      break;
    }
    begun = true;
    if (day.epochMicros <= doneAt) continue;
    due ??= day;
    missed += 1;
  }
  const isLate = due !== undefined && now.epochMillis >= due.epochMillis + entry.withinMs;
  const open = isLate || missed > 1 ? 'overdue' : 'due';
  return {
    entry,
    state: due === undefined ? (begun ? 'done' : 'upcoming') : open,
    missed,
    ...(due === undefined ? {} : { due }),
    ...(next === undefined ? {} : { next }),
    ...(last === undefined ? {} : { last }),
  };
}

/** Runs of an entry that ran to their end, oldest first: one that failed or was aborted tested nothing to the end. */
function countingRuns(entry: ScheduleEntry, runs: readonly RunSummary[]): readonly RunSummary[] {
  return runs
    .filter(({ playbook, environment }) => playbook === entry.playbook && environment === entry.environment)
    .filter(({ outcome }) => outcome === 'succeeded' || outcome === 'failedVerification')
    .filter(({ startedAt }) => startedAt !== undefined)
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
}

/** SOC 2: what it wants tested was tested once in each quarter. */
export interface Quarter {
  /** `2026-Q4` */
  readonly name: string;
  readonly from: Instant;
  /** The first moment after it. */
  readonly to: Instant;
  /** `open`: it is not over yet. */
  readonly state: 'met' | 'open' | 'notMet';
  /** What was tested, and by which run. */
  readonly evidence: readonly { readonly entry: string; readonly run: string }[];
  /** Ids of entries that were not tested in it. */
  readonly missing: readonly string[];
}

const MONTH_NAMES = ['01', '04', '07', '10'] as const;

/** The last quarter and this one, as far as the schedule had begun by then; none when it names nothing for SOC 2. */
export function soc2Quarters(
  entries: readonly ScheduleEntry[],
  runs: readonly RunSummary[],
  now: Instant,
): readonly Quarter[] {
  const [year, month] = now.toString().split('-').map(Number);
  const index = (year ?? 0) * 4 + Math.floor(((month ?? 1) - 1) / 3);
  return [index - 1, index].flatMap((quarter) => {
    const [from, to] = [firstMoment(quarter), firstMoment(quarter + 1)];
    const wanted = entries.filter((entry) => entry.soc2 && firstDay(entry) < to.epochMicros);
    if (wanted.length === 0) return [];
    const found = wanted.map((entry) => ({
      entry: entry.id,
      run: countingRuns(entry, runs).find(
        ({ startedAt = 0 }) => startedAt >= from.epochMicros && startedAt < to.epochMicros,
      )?.run,
    }));
    const missing = found.filter(({ run }) => run === undefined).map(({ entry }) => entry);
    const isOver = now.epochMicros >= to.epochMicros;
    return [
      {
        name: `${Math.floor(quarter / 4)}-Q${(quarter % 4) + 1}`,
        from,
        to,
        state: missing.length === 0 ? ('met' as const) : isOver ? ('notMet' as const) : ('open' as const),
        evidence: found.flatMap(({ entry, run }) => (run === undefined ? [] : [{ entry, run }])),
        missing,
      },
    ];
  });
}

function firstMoment(quarter: number): Instant {
  const text = `${Math.floor(quarter / 4)}-${MONTH_NAMES[quarter % 4] ?? '01'}-01T00:00:00Z`;
  return Instant.parse(text) ?? new Instant(0);
}

const firstDay = ({ from }: ScheduleEntry): number =>
  Instant.parse(`${from}T00:00:00Z`)?.epochMicros ?? Number.POSITIVE_INFINITY;
