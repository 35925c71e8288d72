import { Duration } from '../base/duration.ts';
import { humanDuration, count, dateTime } from '../base/human.ts';
import type { JsonObject } from '../base/json.ts';
import type { Figures, Trend } from '../measure/trend.ts';
import type { NotedFinding } from '../measure/noted-findings.ts';
import { notedText } from './noted.ts';
import { backupOf } from '../model/backup.ts';
import { padLeft, paragraph, table } from '../base/layout.ts';
import { defined, output } from './output.ts';
import {
  MEASURED_HEADINGS,
  MODE_WORDS,
  dayText,
  measuredJson,
  measuredRows,
  runJson,
  settingJson,
  settingText,
} from './measured.ts';
import type { MeasuredPlaybook } from './measured.ts';
import { sparkline } from './sparkline.ts';
import type { Paint } from './style.ts';
import { paintWith } from './style.ts';

const NEWEST = 20;

/** For a terminal: the objectives with what was measured last, then for each setting two lines of figures. */
export function historyText(
  objectives: readonly MeasuredPlaybook[],
  trends: readonly Trend[],
  {
    color = false,
    width = 100,
    open = [],
  }: {
    readonly color?: boolean;
    readonly width?: number;
    /** What was found in runs and is still to be seen to. */
    readonly open?: readonly NotedFinding[];
  },
): string {
  const paint = paintWith(color);
  const rows = objectives.flatMap(measuredRows);
  const last = [
    paint('bold', 'Objectives, and what was measured last'),
    ...table([MEASURED_HEADINGS, ...rows], { width, indent: '  ', cut: [0] }),
  ];
  const blocks = trends.map((trend) => block(trend, width, paint));
  const toDo = [
    paint('bold', 'To be seen to'),
    ...open.flatMap((each) => paragraph('  ', notedText(each), width)),
  ];
  return [...(rows.length === 0 ? [] : [last]), ...(open.length === 0 ? [] : [toDo]), ...blocks]
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function block(trend: Trend, width: number, paint: Paint): readonly string[] {
  const { setting, runs, rta, rpa } = trend;
  const [first, last] = [runs[0]?.startedAt ?? 0, runs.at(-1)?.startedAt ?? 0].map(dayText);
  const when = first === last ? `on ${first}` : `${first} to ${last}`;
  const what = `${settingText(setting)}: ${count(runs.length, MODE_WORDS[setting.mode])}, ${when}`;
  const rows = [['', 'target', 'last', 'p50', 'p90', 'met', 'trend'], row('RTA', rta), row('RPA', rpa)];
  const lines = table(
    rows.filter((cells) => cells.length > 0),
    { width, indent: '  ' },
  );
  const painted = lines.map((line) =>
    line.replace(/▲ worse/, (word) => paint('bad', word)).replace(/▼ better/, (word) => paint('good', word)),
  );
  const [heading = '', ...rest] = paragraph(`${setting.playbook} `, what, width);
  const named = heading.replace(setting.playbook, (name) => paint('bold', name));
  return [named, ...rest, ...painted, ...provenLines(trend, width)];
}

/** Of the proofs of a backup: how often it was whole, and when for the last time. */
function provenLines({ setting, runs }: Trend, width: number): readonly string[] {
  if (backupOf(setting.playbook) === undefined) return [];
  const proven = runs.filter(({ outcome }) => outcome === 'succeeded');
  const at = proven.at(-1)?.startedAt;
  const last = at === undefined ? '' : `, the last time at ${dateTime(at)}`;
  const marks = runs.slice(-NEWEST).map(({ outcome }) => PROOF_MARKS[outcome ?? ''] ?? '–');
  const text = `proven ${String(proven.length)} of ${count(runs.length, 'time')}${last} ${marks.join('')}`;
  return paragraph('  ', text, width);
}

/** The newest on the right; a proof that did not come to its end says nothing. */
const PROOF_MARKS: Readonly<Record<string, string>> = { succeeded: '✓', failedVerification: '✗' };

const ARROWS = { better: '▼ better', worse: '▲ worse', steady: '= steady' } as const;

/** Empty for an objective that the playbook does not have. */
function row(name: string, figures: Figures): readonly string[] {
  const { targetMs, last, p50, p90, verdicts, direction, values } = figures;
  if (targetMs === undefined) return [];
  const shown = (millis: number | undefined): string =>
    padLeft(millis === undefined ? '–' : humanDuration(millis), 7);
  const all = verdicts.met + verdicts.missed + verdicts.unproven;
  const line = sparkline(values.slice(-NEWEST), targetMs);
  const trend = [line, direction === undefined ? '' : ARROWS[direction]].filter((text) => text !== '');
  return [
    name,
    Duration.fromMillis(targetMs).toString(),
    shown(last),
    shown(p50),
    shown(p90),
    `${verdicts.met} of ${all}`,
    trend.join(' '),
  ];
}

/**
 * The table of objectives and the trends for programs; lengths in milliseconds, the oldest run first.
 * `version` grows when a member changes its meaning; new members may come.
 */
export const historyJson = (objectives: readonly MeasuredPlaybook[], trends: readonly Trend[]): JsonObject =>
  output('history', {
    objectives: objectives.map(measuredJson),
    trends: trends.map(({ setting, title, rta, rpa, runs }) => ({
      playbook: setting.playbook,
      title,
      mode: setting.mode,
      ...settingJson(setting),
      rta: figuresJson(rta),
      rpa: figuresJson(rpa),
      runs: runs.map(runJson),
    })),
  });

const figuresJson = ({ values, targetMs, last, p50, p90, verdicts, direction }: Figures): JsonObject =>
  defined({
    targetMs,
    lastMs: last,
    p50Ms: p50,
    p90Ms: p90,
    direction,
    verdicts: { ...verdicts },
    valuesMs: [...values],
  });
