import { addDays, dayIn, startOfDay } from '../base/day.ts';
import type { Day } from '../base/day.ts';
import { Instant } from '../base/instant.ts';
import type { ScheduleEntry } from '../model/schedule.ts';
import { isEvidence } from '../model/mode.ts';
import type { RunSummary } from './summary.ts';

/** How an entry of the schedule stands. */
export interface DueStatus {
  readonly entry: ScheduleEntry;
  /** `upcoming`: it was not due yet. `done`: there is a run since it was due last. */
  readonly state: 'overdue' | 'due' | 'done' | 'upcoming';
  /** The first day for which there is no run yet. */
  readonly due?: Day;
  /** How many days it was due on since the last run. */
  readonly missed: number;
  /** The next day after now; absent when the rule has ended. */
  readonly next?: Day;
  /** The newest run that counts. */
  readonly last?: RunSummary;
}

/**
 * Holds the days of an entry (in order; read up to the first after `now`) against the runs. A day is done
 * when a run of the playbook, or of one that calls it, was started in that environment on it or later, and the
 * playbook was carried out to its end.
 */
export function dueStatus(
  entry: ScheduleEntry,
  days: Iterable<Day>,
  runs: readonly RunSummary[],
  { now, zone }: { readonly now: Instant; readonly zone: string },
): DueStatus {
  const last = countingRuns(entry, runs).at(-1);
  const doneOn = last?.startedAt === undefined ? undefined : dayIn(zone, new Instant(last.startedAt));
  const today = dayIn(zone, now);
  let begun = false;
  let due: Day | undefined;
  let missed = 0;
  let next: Day | undefined;
  for (const day of days) {
    if (day > today) {
      next = day;
      break;
    }
    begun = true;
    if (doneOn !== undefined && day <= doneOn) continue;
    due ??= day;
    missed += 1;
  }
  const isLate = due !== undefined && now.epochMillis >= endOfTime(due, entry.withinMs, zone);
  const open = isLate || missed > 1 ? 'overdue' : 'due';
  return {
    entry,
    state: due === undefined ? (begun ? 'done' : 'upcoming') : open,
    missed,
    ...(due !== undefined && { due }),
    ...(next !== undefined && { next }),
    ...(last !== undefined && { last }),
  };
}

const DAY = 86_400_000;

/** When `within` is over: its days are those of the calendar there, one of 23 hours and one of 25 among them. */
const endOfTime = (due: Day, withinMs: number, zone: string): number =>
  startOfDay(zone, addDays(due, Math.floor(withinMs / DAY))).epochMillis + (withinMs % DAY);

/**
 * Runs of an entry that ran to their end, oldest first: one that failed or was aborted tested nothing to the end, and a
 * tabletop tests nothing. A
 * playbook that another one called, and that came to its own end there, counts like one that was run alone.
 */
function countingRuns(entry: ScheduleEntry, runs: readonly RunSummary[]): readonly RunSummary[] {
  const isEnded = ({ outcome }: RunSummary): boolean =>
    outcome === 'succeeded' || outcome === 'failedVerification';
  return runs
    .filter(({ environment, mode }) => environment === entry.environment && isEvidence(mode))
    .filter((run) => (run.playbook === entry.playbook && isEnded(run)) || run.calls.includes(entry.playbook))
    .filter(({ startedAt }) => startedAt !== undefined)
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
}

/** SOC 2: what it wants tested was tested once in each quarter. */
export interface Quarter {
  /** `2026-Q4` */
  readonly name: string;
  readonly from: Day;
  /** Its last day. */
  readonly to: Day;
  /** `open`: it is not over yet. */
  readonly state: 'met' | 'open' | 'notMet';
  /** What was tested, and by which run. */
  readonly evidence: readonly { readonly entry: string; readonly run: string }[];
  /** Ids of entries that were not tested in it. */
  readonly missing: readonly string[];
}

/** The last quarter and this one, as far as the schedule had begun by then; none when it names nothing for SOC 2. */
export function soc2Quarters(
  entries: readonly ScheduleEntry[],
  runs: readonly RunSummary[],
  { now, zone }: { readonly now: Instant; readonly zone: string },
): readonly Quarter[] {
  const today = dayIn(zone, now);
  const [year, month] = today.split('-').map(Number);
  const index = (year ?? 0) * 4 + Math.floor(((month ?? 1) - 1) / 3);
  return [index - 1, index].flatMap((quarter) => {
    const [from, to] = [firstDay(quarter), addDays(firstDay(quarter + 1), -1)];
    const wanted = entries.filter((entry) => entry.soc2 && entry.from <= to);
    if (wanted.length === 0) return [];
    const found = wanted.map((entry) => ({
      entry: entry.id,
      run: countingRuns(entry, runs).find(({ startedAt = 0 }) => {
        const day = dayIn(zone, new Instant(startedAt));
        return day >= from && day <= to;
      })?.run,
    }));
    const missing = found.filter(({ run }) => run === undefined).map(({ entry }) => entry);
    const isOver = today > to;
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

/** Quarters are counted through: 4 × 2026 is the first of 2026. */
const firstDay = (quarter: number): Day =>
  `${Math.floor(quarter / 4)}-${String((quarter % 4) * 3 + 1).padStart(2, '0')}-01`;
