import { count, humanDuration } from '../../base/human.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import type { TimeClass } from '../../model/time-class.ts';
import { noTime, sum } from '../../measure/class-times.ts';
import type { ClassTimes } from '../../measure/class-times.ts';
import { isFlaky } from '../../measure/step-standings.ts';
import type { StepStanding } from '../../measure/step-standings.ts';
import type { Trend } from '../../measure/trend.ts';
import { cell } from '../formats/section.ts';
import { MODE_WORDS, settingText, dayText } from '../measured.ts';
import { notedText } from '../noted.ts';
import type { PlaybookHistory } from '../standing.ts';
import { standingOf } from '../standing.ts';
import type { Draw } from './chart.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';
import { STATE_WORDS, agoText, nextDrill, reasonList } from './scorecard.ts';
import { tableHtml } from './sections.ts';
import { stack } from './shares.ts';
import { DRAWN_RUNS, trendChart, trendRows } from './trend-chart.ts';

/** Settings that have pictures of their own; those that were run longest ago have not. */
const DRAWN_SETTINGS = 6;
const SLOWEST = 8;

/** One playbook over time. `id`: unique on the page, `now` in microseconds. */
export function playbookHistory(of: PlaybookHistory, id: string, now: number, draw: Draw): Html {
  const trends = of.trends.toSorted((a, b) => newest(b) - newest(a));
  const drawn = trends.slice(0, DRAWN_SETTINGS);
  const older = trends.length - drawn.length;
  const starts = of.trends.flatMap(({ runs }) =>
    runs.slice(-DRAWN_RUNS).map(({ startedAt = 0 }) => startedAt),
  );
  const span = { from: starts.reduce((a, b) => Math.min(a, b), now), to: now };
  return markup`<section class="playbook" aria-labelledby="${id}">
<h2 id="${id}">${of.playbook?.title ?? of.trends[0]?.title ?? of.id} <code>${of.id}</code></h2>
${standing(of, now)}${openOnes(of)}${drawn.map((trend, index) => setting(trend, `${id}-${String(index)}`, span, draw))}
${older > 0 ? markup`<p class="note">${count(older, 'more setting')} without a run as new as these: drillbook history ${of.id}</p>` : undefined}
${timeSpent(drawn)}${slowest(of.steps, id)}${flaky(of.steps, id)}</section>
`;
}

const openOnes = ({ open }: PlaybookHistory): Html | undefined =>
  open.length === 0
    ? undefined
    : markup`<h3>To be seen to</h3>\n${reasonList(open.map(notedText), open.length)}\n`;

const newest = ({ runs }: Trend): number => runs.at(-1)?.startedAt ?? 0;

function standing(of: PlaybookHistory, now: number): Html {
  const { state, reasons, lastAt } = standingOf(of, now);
  const [word, tone] = STATE_WORDS[state];
  const { people, isEdited } = of;
  const facts = [
    ['Last run', lastAt === undefined ? 'never' : `${dayText(lastAt)}, ${agoText(lastAt, now)}`],
    ['Next', nextDrill(of)],
    [
      'Run by',
      people.length === 0
        ? 'nobody yet'
        : `${count(people.length, 'user')}: ${people.slice(0, 5).join(', ')}${people.length > 5 ? ' …' : ''}`,
    ],
    ...(isEdited === undefined
      ? []
      : [['Playbook', isEdited ? 'edited since its last run' : 'as it was run last'] as const]),
  ] as const;
  const isPromise = Object.keys(of.playbook?.objectives ?? {}).length > 0;
  return markup`${isPromise ? markup`<p class="state ${tone}">${word}</p>\n${reasons.length === 0 ? undefined : reasonList(reasons, 8)}` : undefined}
<dl class="facts">
${facts.map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>\n`)}</dl>
`;
}

function setting(
  { setting: what, runs }: Trend,
  id: string,
  span: { readonly from: number; readonly to: number },
  draw: Draw,
): Html {
  const pictures = [
    trendChart(runs, { name: 'RTO', what: 'Recovery time', of: 'rto', ...span }, draw),
    trendChart(runs, { name: 'RPO', what: 'Data lost', of: 'rpo', ...span }, draw),
  ];
  const names = ['Recovery time', 'Data lost'];
  const left = runs.length - DRAWN_RUNS;
  const only = left > 0 ? `, the newest ${String(DRAWN_RUNS)} are drawn` : '';
  const head = ['Day', 'Outcome', 'Recovery time', 'Data lost', 'Took', 'By', 'Run'];
  return markup`<h3>${capital(settingText(what))}: ${count(runs.length, MODE_WORDS[what.mode])}${only}</h3>
<div class="pair">
${pictures.map((picture, index) => (picture === undefined ? undefined : markup`<figure><figcaption>${names[index]}</figcaption>${picture}</figure>\n`))}</div>
<details>
<summary>The same as a table</summary>
${tableHtml({ head, rows: trendRows(runs).map((texts) => texts.map((text) => cell(text))) }, id)}
</details>
`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Of the newest runs of each setting what they spent their time on: people against machines. */
const AVERAGED = 10;

function timeSpent(trends: readonly Trend[]): Html | undefined {
  const rows = trends.flatMap(({ setting: what, runs }) => {
    const some = runs.slice(-AVERAGED).map(({ classes }) => classes);
    const mean = noTime();
    for (const classes of some) for (const name of TIME_CLASSES) mean[name] += classes[name] / some.length;
    return sum(mean) > 0 ? [{ title: settingText(what), classes: mean, micros: sum(mean) }] : [];
  });
  const whole = Math.max(...rows.map(({ micros }) => micros));
  if (rows.length === 0) return undefined;
  return markup`<h3>People against machines, on average of the newest ${String(AVERAGED)} runs</h3>
<div class="shares plain">
${rows.map(({ title, classes, micros }) => stack(title, classes, micros, whole))}
</div>
`;
}

function slowest(steps: readonly StepStanding[], id: string): Html | undefined {
  const slow = steps
    .filter(({ typicalMs = 0 }) => typicalMs > 0)
    .toSorted((a, b) => (b.typicalMs ?? 0) - (a.typicalMs ?? 0))
    .slice(0, SLOWEST);
  const most = slow[0]?.typicalMs ?? 1;
  if (slow.length === 0) return undefined;
  return markup`<h3>Slowest steps</h3>
${tableHtml(
  {
    head: ['Step', 'Usually', 'At most', 'Mostly', 'Runs'],
    rows: slow.map(({ title, typicalMs = 0, longestMs = 0, classes, runs }) => [
      cell(title),
      { ...cell(humanDuration(typicalMs)), share: typicalMs / most },
      cell(humanDuration(longestMs)),
      cell(mostly(classes)),
      cell(String(runs)),
    ]),
  },
  `${id}-slow`,
)}
`;
}

const mostly = (classes: ClassTimes): TimeClass =>
  TIME_CLASSES.reduce((most, name) => (classes[name] > classes[most] ? name : most), 'machine');

function flaky(steps: readonly StepStanding[], id: string): Html | undefined {
  const some = steps
    .filter(isFlaky)
    .toSorted((a, b) => b.failed - a.failed || b.retried - a.retried)
    .slice(0, SLOWEST);
  if (some.length === 0) return undefined;
  return markup`<h3>Steps that do not always work</h3>
${tableHtml(
  {
    head: ['Step', 'Failed', 'Only after another try', 'Runs'],
    rows: some.map(({ title, failed, retried, runs }) => [
      cell(title),
      cell(String(failed), failed > 0 ? 'bad' : undefined),
      cell(String(retried), retried > 0 ? 'warn' : undefined),
      cell(String(runs)),
    ]),
  },
  `${id}-flaky`,
)}
`;
}
