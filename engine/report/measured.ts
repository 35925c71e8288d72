import { rfc3339 } from '../base/human.ts';
import type { JsonObject } from '../base/json.ts';
import type { LastMeasured } from '../measure/last-measured.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { Setting } from '../measure/trend.ts';
import type { Playbook, Priority, Rehearsal } from '../model/playbook.ts';
import { judgedText, targetText } from './figures.ts';
import { defined } from './output.ts';

/** What a playbook says of itself, as far as lists and histories tell it. */
export interface PlaybookFacts extends Pick<Playbook, 'title' | 'priority' | 'objectives'> {
  readonly rehearsals: readonly Pick<Rehearsal, 'name'>[];
  /** The digest of its file. */
  readonly edition?: string;
}

/** A playbook with what it promises and what was measured of it last. */
export interface MeasuredPlaybook {
  readonly id: string;
  /** Undefined when it has errors. */
  readonly playbook: PlaybookFacts | undefined;
  readonly last: LastMeasured;
}

export const MEASURED_HEADINGS = ['PLAYBOOK', 'PRIORITY', 'RTO', 'RTA', 'RPO', 'RPA', 'MEASURED'] as const;

/** Its objectives with the last drill, and below it the last real run where there was one. */
export function measuredRows({ id, playbook, last }: MeasuredPlaybook): readonly (readonly string[])[] {
  const { rto, rpo } = playbook?.objectives ?? {};
  const cells = (run: RunSummary | undefined): readonly string[] => [
    targetText(rto),
    judgedText(run?.rto, rto?.targetMs),
    targetText(rpo),
    judgedText(run?.rpo, rpo?.targetMs),
    measuredWhen(run),
  ];
  const first = [id, playbook?.priority ?? '–', ...cells(last.drill)];
  return last.recovery === undefined ? [first] : [first, ['', '', ...cells(last.recovery)]];
}

export const MODE_WORDS: Readonly<Record<RunSummary['mode'], string>> = {
  drill: 'drill',
  recover: 'real run',
  tabletop: 'tabletop',
  '': 'run',
};

function measuredWhen(run: RunSummary | undefined): string {
  if (run?.startedAt === undefined) return 'never';
  const ended = run.outcome === 'succeeded' ? '' : `, ${run.outcome ?? ''}`;
  return `${dayText(run.startedAt)} ${MODE_WORDS[run.mode]} in ${run.environment}${ended}`;
}

export const dayText = (micros: number): string => rfc3339(micros).slice(0, 10);

/** What a run has in common with those that it may be compared with. */
export function settingText(of: Setting): string {
  const { environment, environmentKind, world, rehearsal, branches, unattended } = of;
  return [
    `in ${environment}${environmentKind === environment ? '' : ` (${environmentKind})`}`,
    ...(world === undefined ? [] : [`the world ${world}`]),
    ...(rehearsal === undefined ? [] : [`rehearsal ${rehearsal}`]),
    ...branches,
    unattended ? 'unattended' : 'attended',
  ].join(', ');
}

const RANK: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** Those that promise something, the most urgent first. */
export const withObjectives = (all: readonly MeasuredPlaybook[]): readonly MeasuredPlaybook[] =>
  all.filter(({ playbook }) => Object.keys(playbook?.objectives ?? {}).length > 0).sort(byPriority);

/** The most urgent first. */
export const byPriority = (a: Ranked, b: Ranked): number =>
  rankOf(a) - rankOf(b) || a.id.localeCompare(b.id, 'en');

type Ranked = Pick<MeasuredPlaybook, 'id' | 'playbook'>;

const rankOf = ({ playbook }: Ranked): number =>
  playbook?.priority === undefined ? 4 : RANK[playbook.priority];

export const measuredJson = ({ id, playbook, last }: MeasuredPlaybook): JsonObject =>
  defined({
    id,
    title: playbook?.title,
    priority: playbook?.priority,
    rtoMs: playbook?.objectives.rto?.targetMs,
    rpoMs: playbook?.objectives.rpo?.targetMs,
    lastDrill: last.drill && runJson(last.drill),
    lastRecovery: last.recovery && runJson(last.recovery),
  });

/** One run for programs: what it measured, and in which setting. */
export const runJson = (run: RunSummary): JsonObject =>
  defined({
    run: run.run,
    mode: run.mode,
    startedAt: run.startedAt === undefined ? undefined : rfc3339(run.startedAt),
    ...settingJson(run),
    outcome: run.outcome,
    exitCode: run.exitCode,
    rtaMs: run.rto?.actualMs,
    rtaRealMs: run.rto?.real?.actualMs,
    rto: run.rto?.verdict,
    rpaMs: run.rpo?.actualMs,
    rpaRealMs: run.rpo?.real?.actualMs,
    rpaAtLeast: run.rpo?.isAtLeast,
    rpo: run.rpo?.verdict,
    rowsLost: run.loss?.lost,
  });

export const settingJson = (of: Setting): JsonObject =>
  defined({
    environment: of.environment,
    environmentKind: of.environmentKind,
    world: of.world,
    rehearsal: of.rehearsal,
    branches: [...of.branches],
    unattended: of.unattended,
  });
