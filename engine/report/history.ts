import { Duration } from '../base/duration.ts';
import { humanDuration, count, rfc3339 } from '../base/human.ts';
import type { JsonObject } from '../base/json.ts';
import type { Figures, Trend } from '../measure/trend.ts';
import { padLeft, table } from '../base/layout.ts';
import { defined } from './formats/json.ts';
import { sparkline } from './sparkline.ts';
import type { Paint } from './style.ts';
import { paintWith } from './style.ts';

const NEWEST = 20;

/** Trends for a terminal: a heading and two lines of figures for each playbook and environment. */
export function historyText(
  trends: readonly Trend[],
  { color = false, width = 100 }: { readonly color?: boolean; readonly width?: number },
): string {
  const paint = paintWith(color);
  return trends.map((trend) => block(trend, width, paint).join('\n')).join('\n\n');
}

function block(trend: Trend, width: number, paint: Paint): readonly string[] {
  const { playbook, environment, drills, recoveries, runs, rta, rpa } = trend;
  const counted = [
    ...(drills > 0 ? [count(drills, 'drill')] : []),
    ...(recoveries > 0 ? [recoveries === 1 ? '1 recovery' : `${recoveries} recoveries`] : []),
  ].join(', ');
  const [first, last] = [runs[0]?.startedAt ?? 0, runs.at(-1)?.startedAt ?? 0].map(date);
  const when = first === last ? `on ${first}` : `${first} to ${last}`;
  const rows = [['', 'target', 'last', 'p50', 'p90', 'met', 'trend'], row('RTA', rta), row('RPA', rpa)];
  const lines = table(
    rows.filter((cells) => cells.length > 0),
    { width, indent: '  ' },
  );
  const painted = lines.map((line) =>
    line.replace(/▲ worse/, (word) => paint('bad', word)).replace(/▼ better/, (word) => paint('good', word)),
  );
  return [`${paint('bold', playbook)} in ${environment}: ${counted}, ${when}`, ...painted];
}

const date = (micros: number): string => rfc3339(micros).slice(0, 10);

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

/** Trends for programs; lengths in milliseconds, the oldest run first. */
export const historyJson = (trends: readonly Trend[]): readonly JsonObject[] =>
  trends.map(({ playbook, title, environment, drills, recoveries, rta, rpa, runs }) => ({
    playbook,
    title,
    environment,
    drills,
    recoveries,
    rta: figuresJson(rta),
    rpa: figuresJson(rpa),
    runs: runs.map((run) =>
      defined({
        run: run.run,
        mode: run.mode,
        startedAt: rfc3339(run.startedAt ?? 0),
        outcome: run.outcome,
        exitCode: run.exitCode,
        unattended: run.unattended,
        rtaMs: run.rto?.actualMs,
        rto: run.rto?.verdict,
        rpaMs: run.rpo?.actualMs,
        rpaAtLeast: run.rpo?.isAtLeast,
        rpo: run.rpo?.verdict,
        rowsLost: run.loss?.lost,
      }),
    ),
  }));

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
