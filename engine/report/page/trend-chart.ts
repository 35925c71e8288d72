import { brief, count, humanDuration } from '../../base/human.ts';
import type { RunSummary } from '../../measure/summary.ts';
import type { Verdict } from '../../measure/verdict.ts';
import type { Judged } from '../figures.ts';
import { judgedText, targetText } from '../figures.ts';
import { dayText } from '../measured.ts';
import type { Draw, Plot } from './chart.ts';
import type { Html } from './html.ts';
import { ticks } from './time-axis.ts';

/** Two of them stand beside each other. */
const WIDTH = 460;
const HEIGHT = 170;

/** Runs from which on the oldest are left out of a picture: nobody tells more of them apart. */
export const DRAWN_RUNS = 60;

/** A run in the picture of an objective. */
interface Point {
  readonly at: Date;
  readonly ms: number;
  readonly verdict: Verdict;
  readonly title: string;
}

export interface TrendPicture {
  readonly name: 'RTO' | 'RPO';
  readonly what: string;
  readonly of: 'rto' | 'rpo';
  /** From and to when all pictures of a playbook are drawn, in microseconds. */
  readonly from: number;
  readonly to: number;
}

/** What the runs of a setting measured of an objective, one after the other, with the target as a line; undefined where none has it. */
export function trendChart(runs: readonly RunSummary[], picture: TrendPicture, draw: Draw): Html | undefined {
  const { name, what, of } = picture;
  const shown = runs.slice(-DRAWN_RUNS);
  const target = shown.findLast((run) => run[of] !== undefined)?.[of];
  if (target === undefined) return undefined;
  const points = shown.flatMap((run) => pointsOf(run, run[of]));
  const { targetMs } = target;
  const most = Math.max(targetMs, ...points.map(({ ms }) => ms)) * 1.15;
  const met = shown.filter((run) => run[of]?.verdict === 'met').length;
  const label =
    `${what} against the ${name} of ${targetText(target)}: ${count(shown.length, 'run')}, ` +
    `${String(met)} met; the last ${judgedText(shown.at(-1)?.[of])}.`;
  return draw(
    (plot) => ({
      width: WIDTH,
      height: HEIGHT,
      ...{ marginLeft: 52, marginRight: 16, marginTop: 12, marginBottom: 34 },
      x: { type: 'utc', domain: dates(picture), axis: null },
      y: { domain: [0, most], axis: null },
      marks: [
        ...axes(plot, most),
        ...promise(plot, `${name} ${brief(targetMs)}`, targetMs),
        ...dots(plot, points),
      ],
    }),
    label,
    13,
  );
}

/** A day on either side, so that a single run has a place. */
function dates({ from, to }: TrendPicture): readonly [Date, Date] {
  const room = Math.max(86_400_000, (to - from) / 1000 / 30);
  return [new Date(from / 1000 - room), new Date(to / 1000 + room)];
}

function pointsOf(run: RunSummary, judged: Judged | undefined): readonly Point[] {
  const ms = judged?.real?.actualMs ?? judged?.actualMs;
  if (judged === undefined || ms === undefined) return [];
  const { startedAt = 0 } = run;
  const title = `${dayText(startedAt)}: ${judgedText(judged)} of ${targetText(judged)}\n${run.run}`;
  return [{ at: new Date(startedAt / 1000), ms, verdict: judged.verdict, title }];
}

const axes = (plot: Plot, most: number) => {
  const lengths = ticks(0, most * 1000, 4).map((micros) => micros / 1000);
  return [
    plot.ruleY(lengths, { stroke: 'var(--line)' }),
    plot.axisY(lengths, {
      tickFormat: (ms: number) => (ms === 0 ? '0' : brief(ms)),
      tickSize: 0,
      label: null,
    }),
    plot.axisX({ ticks: 5, tickSize: 4, label: null }),
  ];
};

const promise = (plot: Plot, name: string, targetMs: number) => [
  plot.ruleY([targetMs], { stroke: 'var(--text)', strokeWidth: 1.5, strokeDasharray: '5 3' }),
  plot.text([name], {
    ...{ frameAnchor: 'right', y: [targetMs], textAnchor: 'end', lineAnchor: 'bottom', dy: -3 },
    ...{ fill: 'var(--text)', stroke: 'var(--page)', strokeWidth: 4, fontWeight: 600 },
  }),
];

/** Not by their colour alone: what was not met is a cross. */
const dots = (plot: Plot, points: readonly Point[]) => [
  plot.line(points, { x: 'at', y: 'ms', stroke: 'var(--info)', strokeWidth: 1 }),
  plot.dot(
    points.filter(({ verdict }) => verdict === 'met'),
    { x: 'at', y: 'ms', r: 4, fill: 'var(--good)', title: 'title' },
  ),
  plot.dot(
    points.filter(({ verdict }) => verdict !== 'met'),
    { x: 'at', y: 'ms', r: 5, symbol: 'times', stroke: 'var(--bad)', strokeWidth: 2.5, title: 'title' },
  ),
];

/** The runs of a picture in words, the newest first. */
export const trendRows = (runs: readonly RunSummary[]): readonly (readonly string[])[] =>
  runs
    .slice(-DRAWN_RUNS)
    .toReversed()
    .map((run) => [
      dayText(run.startedAt ?? 0),
      run.outcome ?? '',
      judgedText(run.rto),
      judgedText(run.rpo),
      humanDuration(run.elapsedMs),
      run.people.join(', '),
      run.run,
    ]);
