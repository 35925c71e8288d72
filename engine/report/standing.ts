import { count, humanDuration } from '../base/human.ts';
import type { DueStatus } from '../measure/due.ts';
import type { LastMeasured } from '../measure/last-measured.ts';
import type { NotedFinding } from '../measure/noted-findings.ts';
import type { StepStanding } from '../measure/step-standings.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { Trend } from '../measure/trend.ts';
import type { Judged } from './figures.ts';
import { figureText, targetText, verdictText } from './figures.ts';
import { dayText } from './measured.ts';
import type { PlaybookFacts } from './measured.ts';

/** A playbook with all that its runs have shown. */
export interface PlaybookHistory {
  readonly id: string;
  /** Undefined when it has errors, or is no longer in the folder. */
  readonly playbook: PlaybookFacts | undefined;
  readonly last: LastMeasured;
  readonly trends: readonly Trend[];
  readonly due: readonly DueStatus[];
  /** Whether its file is another one than that of its newest run; undefined where that cannot be told. */
  readonly isEdited: boolean | undefined;
  /** Everybody who has driven a run of it. */
  readonly people: readonly string[];
  /** Its steps over the newest runs. */
  readonly steps: readonly StepStanding[];
  /** What was found in its runs and is still to be seen to. */
  readonly open: readonly NotedFinding[];
}

/** `gaps`: shown, but not for all of it, or not lately. */
export type StandingState = 'proven' | 'gaps' | 'notProven';

/** What a playbook's runs are worth today, for whoever has a minute. */
export interface Standing {
  readonly state: StandingState;
  /** In words, what stands in the way of `proven`. */
  readonly reasons: readonly string[];
  /** The worst of the newest runs of its rehearsals. */
  readonly rto?: Judged;
  readonly rpo?: Judged;
  /** When the newest of them began, in microseconds. */
  readonly lastAt?: number;
}

const DAY_MS = 86_400_000;

/** Where no schedule says how often: what was shown longer ago is shown of another system. */
const OLD_MS = 365 * DAY_MS;

/** `now`: microseconds since the epoch. */
export function standingOf(history: PlaybookHistory, now: number): Standing {
  const newest = newestRuns(history);
  const bad = newest.flatMap(shortcomings);
  const [rto, rpo] = (['rto', 'rpo'] as const).map((objective) =>
    worst(newest.flatMap((run) => run[objective] ?? [])),
  );
  const lastAt = newest.reduce<number | undefined>(
    (last, { startedAt }) => (startedAt !== undefined && startedAt > (last ?? 0) ? startedAt : last),
    undefined,
  );
  const gaps = [...missingRehearsals(history, newest), ...aged(history, lastAt, now)];
  const never = newest.length === 0 ? ['never drilled'] : [];
  return {
    state: never.length + bad.length > 0 ? 'notProven' : gaps.length > 0 ? 'gaps' : 'proven',
    reasons: [...never, ...bad, ...(newest.length === 0 ? overdue(history) : gaps)],
    ...(rto !== undefined && { rto }),
    ...(rpo !== undefined && { rpo }),
    ...(lastAt !== undefined && { lastAt }),
  };
}

/**
 * The newest run of each rehearsal that the playbook has today, so that an easy one does not hide a hard one; and the
 * newest real run, unless it was drilled since.
 */
function newestRuns({ playbook, trends, last }: PlaybookHistory): readonly RunSummary[] {
  const names = playbook?.rehearsals.map(({ name }) => name) ?? [];
  const drills = new Map<string, RunSummary>();
  for (const { runs } of trends) {
    const run = runs.at(-1);
    if (run?.mode !== 'drill') continue;
    const name = run.rehearsal ?? '';
    if (names.length > 0 && name !== '' && !names.includes(name)) continue;
    if ((run.startedAt ?? 0) > (drills.get(name)?.startedAt ?? 0)) drills.set(name, run);
  }
  const all = [...drills.values()];
  const { recovery } = last;
  const isNews =
    recovery !== undefined && all.every(({ startedAt = 0 }) => startedAt < (recovery.startedAt ?? 0));
  return isNews ? [...all, recovery] : all;
}

/** What a run did not show. */
function shortcomings(run: RunSummary): readonly string[] {
  const { mode, rehearsal, startedAt = 0, outcome, rto, rpo } = run;
  const what = mode === 'recover' ? 'the real run' : rehearsal === undefined ? 'the drill' : `“${rehearsal}”`;
  const when = `${what} of ${dayText(startedAt)}`;
  if (outcome === 'failed' || outcome === 'aborted') return [`${when} ${outcome}`];
  const objectives = [
    ['RTO', rto],
    ['RPO', rpo],
  ] as const;
  const missed = objectives.flatMap(([name, judged]) =>
    judged === undefined || judged.verdict === 'met' ? [] : [`${when}: ${name} ${saidOf(judged)}`],
  );
  return outcome === 'failedVerification' ? [`${when}: a verification failed`, ...missed] : missed;
}

const saidOf = (judged: Judged): string =>
  judged.verdict === 'unproven'
    ? 'not shown'
    : `${verdictText(judged)} (${figureText(judged)} of ${targetText(judged)})`;

const missingRehearsals = ({ playbook }: PlaybookHistory, newest: readonly RunSummary[]): readonly string[] =>
  (playbook?.rehearsals ?? [])
    .filter(({ name }) => newest.every(({ rehearsal }) => rehearsal !== name))
    .map(({ name }) => `“${name}” was never drilled`);

function aged(history: PlaybookHistory, lastAt: number | undefined, now: number): readonly string[] {
  const age = lastAt === undefined ? 0 : (now - lastAt) / 1000;
  const isOld = history.due.length === 0 && age > OLD_MS;
  return [
    ...overdue(history),
    ...(isOld ? [`not drilled for ${humanDuration(age)}`] : []),
    ...(history.isEdited === true ? ['the playbook was edited since'] : []),
  ];
}

const overdue = ({ due }: PlaybookHistory): readonly string[] =>
  due
    .filter(({ state }) => state === 'overdue')
    .map(
      ({ due: day, entry, missed }) =>
        `overdue in ${entry.environment} since ${day ?? ''}${missed > 1 ? ` (${count(missed, 'time')})` : ''}`,
    );

const RANK = { missed: 2, unproven: 1, met: 0 } as const;

/** What was not met comes first, then what is the nearest to its target. */
function worst(all: readonly Judged[]): Judged | undefined {
  const used = ({ real, actualMs = 0, targetMs }: Judged): number =>
    (real?.actualMs ?? actualMs) / Math.max(1, targetMs);
  return [...all].sort((a, b) => RANK[b.verdict] - RANK[a.verdict] || used(b) - used(a))[0];
}
