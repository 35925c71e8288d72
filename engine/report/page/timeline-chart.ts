import { count, humanDuration } from '../../base/human.ts';
import { truncate } from '../../base/layout.ts';
import { oneLine } from '../../base/text.ts';
import { marksOf } from '../../measure/marks.ts';
import type { Spans } from '../../measure/spans.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import type { ReportData } from '../data.ts';
import { sinceOrigin } from '../timeline.ts';
import { CHART_WIDTH } from './chart.ts';
import type { Draw, Plot } from './chart.ts';
import type { Html } from './html.ts';
import { inRows } from './lanes.ts';
import type { Bar, Rows } from './lanes.ts';
import { tickText, ticks } from './time-axis.ts';

/** What the pictures above each other have in common, so that a moment is at the same place in all. */
export const MARGIN = { left: 205, right: 24 } as const;

const DRAWN = CHART_WIDTH - MARGIN.left - MARGIN.right;
const ROW = 20;
/** A line of the names of marks. */
const NAME = 15;
const NAME_LETTER = 6.4;
const BOTTOM = 28;

/** From where to where time is drawn. Microseconds since where the objective counts from. */
export interface Frame {
  readonly from: number;
  readonly to: number;
  /** Where zero lies since the start of the run. */
  readonly origin: number;
}

/** A moment that all lanes share. */
interface MarkLine {
  readonly name: string;
  readonly at: number;
  readonly tone: string;
  /** Which line its name stands in, counted from the lanes up. */
  readonly level: number;
  readonly isLeft: boolean;
}

export function frameOf({ record, summary }: ReportData, { total }: Spans): Frame {
  const set = marksOf(record);
  const { rto } = summary;
  const origin = (rto === undefined ? undefined : set.get(rto.from)?.elapsed?.passed) ?? 0;
  const marks = [...set.values()].flatMap(({ elapsed }) => elapsed?.passed ?? []);
  const from = Math.max(Math.min(0, ...marks), -total) - origin;
  const to = Math.max(total, 1) - origin;
  const target = (rto?.targetMs ?? 0) * 1000;
  // A target far away would leave no room for what happened.
  return { origin, from, to: target > to && target < to * 1.3 ? target * 1.02 : to };
}

/** Time across, a lane for each phase and branch, a bar for each stretch of a step. */
export function timelineChart(
  data: ReportData,
  spans: Spans,
  titles: ReadonlyMap<string, string>,
  draw: Draw,
): Html {
  const frame = frameOf(data, spans);
  const rows = inRows(spans, (frame.to - frame.from) / DRAWN);
  const marks = markLines(data, frame);
  const levels = Math.max(0, ...marks.map(({ level }) => level + 1));
  const label =
    `Timeline of ${humanDuration(spans.total / 1000)}: ${count(rows.lanes.length, 'lane')}, ` +
    `${count(new Set(spans.spans.map(({ key }) => key)).size, 'step')}. The table below says the same.`;
  return draw(
    (plot) => ({
      height: levels * NAME + 8 + rows.count * ROW + BOTTOM,
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginTop: levels * NAME + 8,
      marginBottom: BOTTOM,
      x: { domain: [frame.from, frame.to], axis: null },
      y: { domain: [0, Math.max(1, rows.count)], reverse: true, axis: null },
      color: {
        domain: [...TIME_CLASSES],
        range: TIME_CLASSES.map((name) => `var(--${name})`),
      },
      marks: [
        ...ground(plot, rows, frame, titles),
        ...downs(plot, spans, frame, rows),
        ...bars(plot, rows, frame),
        ...points(plot, spans, rows, frame),
        ...lines(plot, marks, rows),
      ],
    }),
    label,
  );
}

function ground(plot: Plot, { lanes, count: rows }: Rows, frame: Frame, titles: ReadonlyMap<string, string>) {
  const even = lanes.filter((_, index) => index % 2 === 0);
  const name = (key: string): string => oneLine(titles.get(key) ?? key);
  return [
    plot.rect(even, {
      x1: frame.from,
      x2: frame.to,
      y1: 'from',
      y2: 'to',
      fill: 'var(--soft)',
      ariaHidden: 'true',
    }),
    plot.ruleX(ticks(frame.from, frame.to, 8), { stroke: 'var(--line)', y1: 0, y2: rows }),
    plot.axisX(ticks(frame.from, frame.to, 8), { tickFormat: tickText, tickSize: 0, label: null }),
    plot.text(lanes, {
      x: frame.from,
      y: ({ from }: { readonly from: number }) => from + 0.5,
      text: ({ key }: { readonly key: string }) => truncate(name(key), 28, '…'),
      title: ({ key }: { readonly key: string }) => name(key),
      textAnchor: 'end',
      dx: -8,
      fill: 'var(--text)',
    }),
  ];
}

const downs = (plot: Plot, { down }: Spans, { origin }: Frame, { count: rows }: Rows) => [
  plot.rect(down, {
    x1: ({ from }: { readonly from: number }) => from - origin,
    x2: ({ to }: { readonly to: number }) => to - origin,
    y1: 0,
    y2: rows,
    fill: 'var(--down)',
    fillOpacity: 0.45,
    title: ({ from, to }: { readonly from: number; readonly to: number }) =>
      `down: nothing drove the run for ${humanDuration((to - from) / 1000)}`,
  }),
];

/** No bar is too thin to be seen. */
function bars(plot: Plot, rows: Rows, { origin, from, to }: Frame) {
  const thinnest = ((to - from) / DRAWN) * 1.5;
  return [
    plot.rect(rows.bars, {
      x1: (bar: Bar) => bar.from - origin,
      x2: (bar: Bar) => Math.max(bar.to, bar.from + thinnest) - origin,
      y1: (bar: Bar) => bar.row + 0.16,
      y2: (bar: Bar) => bar.row + 0.84,
      fill: 'spentAs',
      title: (bar: Bar) => {
        const more = bar.many > 1 ? ` and ${count(bar.many - 1, 'more step')}` : '';
        const at = sinceOrigin((bar.from - origin) / 1000);
        return `${oneLine(bar.title)}${more}\n${bar.spentAs} ${humanDuration((bar.to - bar.from) / 1000)}, at ${at}`;
      },
    }),
  ];
}

/** Answers as diamonds, failed attempts as crosses: in the first row of their lane, over its bars. */
function points(plot: Plot, spans: Spans, rows: Rows, { origin }: Frame) {
  const rowOf = (key: string, lane: string, at: number): number =>
    rows.bars.find((bar) => bar.key === key && bar.from <= at && at <= bar.to)?.row ??
    rows.lanes.find((each) => each.key === lane)?.from ??
    0;
  const placed = spans.points.map(({ key, lane, what, at, text }) => ({
    what,
    x: at - origin,
    y: rowOf(key, lane, at) + 0.5,
    title: `${oneLine(text)}\nat ${sinceOrigin((at - origin) / 1000)}`,
  }));
  const only = (what: 'gate' | 'retry') => placed.filter((point) => point.what === what);
  return [
    plot.dot(only('gate'), {
      x: 'x',
      y: 'y',
      title: 'title',
      symbol: 'diamond',
      r: 4.5,
      fill: 'var(--page)',
      stroke: 'var(--text)',
    }),
    plot.dot(only('retry'), {
      x: 'x',
      y: 'y',
      title: 'title',
      symbol: 'times',
      r: 5,
      stroke: 'var(--bad)',
      strokeWidth: 2.5,
    }),
  ];
}

function lines(plot: Plot, marks: readonly MarkLine[], { count: rows }: Rows) {
  return marks.flatMap(({ name, at, tone, level, isLeft }) => [
    plot.ruleX([at], {
      y1: 0,
      y2: rows,
      stroke: tone,
      strokeWidth: 1.5,
      strokeDasharray: '5 3',
      title: () => `${name}, at ${sinceOrigin(at / 1000)}`,
    }),
    plot.text([name], {
      x: [at],
      frameAnchor: 'top',
      textAnchor: isLeft ? 'end' : 'start',
      dx: isLeft ? 2 : -2,
      dy: -4 - level * NAME,
      lineAnchor: 'bottom',
      fill: tone,
      fontWeight: 600,
    }),
  ]);
}

/** Names that would run into each other stand one above the other. */
function markLines(data: ReportData, { origin, from, to }: Frame): readonly MarkLine[] {
  const { rto } = data.summary;
  const set = [...marksOf(data.record).values()].flatMap(({ mark, elapsed }) =>
    elapsed === undefined ? [] : [{ name: oneLine(mark), at: elapsed.passed - origin, tone: 'var(--text)' }],
  );
  const target = (rto?.targetMs ?? Infinity) * 1000;
  const all = [...set, ...(target <= to ? [{ name: 'RTO', at: target, tone: 'var(--bad)' }] : [])];
  const ends: number[] = [];
  const pixel = (at: number): number => ((at - from) / (to - from)) * DRAWN;
  return all
    .filter(({ at }) => at >= from && at <= to)
    .toSorted((a, b) => a.at - b.at)
    .map((mark) => {
      const width = mark.name.length * NAME_LETTER + 10;
      const isLeft = pixel(mark.at) + width > DRAWN + MARGIN.right;
      const begin = isLeft ? pixel(mark.at) - width : pixel(mark.at);
      const free = ends.findIndex((end) => end <= begin);
      const level = free === -1 ? ends.length : free;
      ends[level] = begin + width;
      return { ...mark, level, isLeft };
    });
}
