import { brief, humanDuration } from '../../base/human.ts';
import type { Expected } from '../../measure/forecast-course.ts';
import { cell } from '../formats/section.ts';
import type { Draw } from './chart.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';
import { tableHtml } from './sections.ts';
import { tickText, ticks } from './time-axis.ts';

/** What a page tells of a run that its events alone do not hold. */
export interface PageExtras {
  /** What was expected while it went on. */
  readonly forecasts?: readonly Expected[];
  /** What the run proposes, as unified diffs. */
  readonly patches?: readonly string[];
  /** What its environment consists of. */
  readonly targets?: readonly ShownTarget[];
}

export interface ShownTarget {
  readonly path: string;
  /** By which it is told from others. */
  readonly fingerprint?: string;
}

interface Titled {
  readonly title: string;
  readonly content: Html;
}

/** The end as it was expected at each moment, against the one that came. */
export function forecastSection(
  forecasts: readonly Expected[],
  rto: { readonly targetMs: number; readonly actualMs?: number } | undefined,
  draw: Draw,
): readonly Titled[] {
  if (forecasts.length < 2) return [];
  const came = rto?.actualMs;
  const last = Math.max(...forecasts.map(({ elapsedMs }) => elapsedMs), 1);
  const most = Math.max(came ?? 0, ...forecasts.map(({ totalMs }) => totalMs.p90)) * 1.1;
  const target = rto !== undefined && rto.targetMs <= most * 1.5 ? rto.targetMs : undefined;
  const top = Math.max(most, (target ?? 0) * 1.1);
  const lines = [
    ...(came === undefined ? [] : [{ at: came, name: `came: ${humanDuration(came)}`, tone: 'var(--good)' }]),
    ...(target === undefined ? [] : [{ at: target, name: `RTO ${brief(target)}`, tone: 'var(--bad)' }]),
  ];
  const said = came === undefined ? '' : ` It took ${humanDuration(came)}.`;
  const chart = draw(
    (plot) => ({
      ...{ height: 240, marginLeft: 70, marginRight: 24, marginTop: 14, marginBottom: 30 },
      x: { domain: [0, last], axis: null },
      y: { domain: [0, top], axis: null },
      marks: [
        plot.ruleY(lengths(top), { stroke: 'var(--line)' }),
        plot.axisY(lengths(top), { tickFormat: lengthText, tickSize: 0, label: null }),
        plot.axisX(lengths(last), {
          tickFormat: (ms: number) => tickText(ms * 1000),
          tickSize: 4,
          label: null,
        }),
        plot.areaY(forecasts, {
          x: 'elapsedMs',
          y1: ({ totalMs }: Expected) => totalMs.p50,
          y2: ({ totalMs }: Expected) => totalMs.p90,
          ...{ fill: 'var(--machine)', fillOpacity: 0.25, curve: 'step-after' },
        }),
        plot.line(forecasts, {
          x: 'elapsedMs',
          y: ({ totalMs }: Expected) => totalMs.p50,
          ...{ stroke: 'var(--machine)', strokeWidth: 2, curve: 'step-after' },
          title: sayExpected,
        }),
        ...lines.flatMap(({ at, name, tone }) => [
          plot.ruleY([at], { stroke: tone, strokeWidth: 1.5, strokeDasharray: '5 3' }),
          plot.text([name], {
            ...{ frameAnchor: 'right', y: [at], textAnchor: 'end', lineAnchor: 'bottom', dy: -3 },
            ...{ fill: tone, stroke: 'var(--page)', strokeWidth: 4, fontWeight: 600 },
          }),
        ]),
      ],
    }),
    `What was expected while it went on: at first ${expectedText(forecasts[0])}, at the end ${expectedText(forecasts.at(-1))}.${said}`,
  );
  const rows = forecasts.map((each) => [
    cell(`+${humanDuration(each.elapsedMs)}`),
    cell(humanDuration(each.totalMs.p50)),
    cell(humanDuration(each.totalMs.p90)),
  ]);
  const content = markup`<p class="note">When it was going to be done, as the forecast said at each moment: in half of all runs (line), in nine of ten (area).${said}</p>
${chart}
<details>
<summary>The same as a table</summary>
${tableHtml({ head: ['At', 'Done after', 'In nine of ten'], rows }, 'forecast')}
</details>`;
  return [{ title: 'What was expected, and what came', content }];
}

const lengths = (most: number): readonly number[] => ticks(0, most * 1000, 6).map((micros) => micros / 1000);

const lengthText = (ms: number): string => (ms === 0 ? '0' : brief(ms));

const expectedText = (expected: Expected | undefined): string =>
  expected === undefined
    ? ''
    : `${humanDuration(expected.totalMs.p50)} to ${humanDuration(expected.totalMs.p90)}`;

const sayExpected = (expected: Expected): string =>
  `at +${humanDuration(expected.elapsedMs)}: ${expectedText(expected)}`;

/** What would change in the playbook's files; nothing where the run proposes nothing. */
export const patchesHtml = (patches: readonly string[]): Html | undefined =>
  patches.length === 0
    ? undefined
    : markup`${patches.map((patch) => markup`<pre tabindex="0" role="region" aria-label="Diff">${patchLines(patch)}</pre>\n`)}`;

const patchLines = (patch: string): readonly Html[] =>
  patch
    .trimEnd()
    .split('\n')
    .map((line) => {
      const sign = /^(?:---|\+\+\+)/.test(line) ? ' ' : line.charAt(0);
      if (sign === '+') return markup`<ins>${line}</ins>\n`;
      return sign === '-' ? markup`<del>${line}</del>\n` : markup`${line}\n`;
    });

/** Whether what was written to was the one that was meant hangs on these. */
export function targetsSection(targets: readonly ShownTarget[]): readonly Titled[] {
  if (targets.length === 0) return [];
  const rows = targets.map(({ path, fingerprint }) => [
    cell(path),
    fingerprint === undefined ? cell('none', 'warn') : { ...cell(fingerprint), code: true },
  ]);
  return [{ title: 'Environment', content: tableHtml({ head: ['Target', 'Fingerprint'], rows }, 'targets') }];
}
