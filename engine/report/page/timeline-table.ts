import { humanDuration } from '../../base/human.ts';
import type { Span, Spans } from '../../measure/spans.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import type { ReportData } from '../data.ts';
import { cell } from '../formats/section.ts';
import type { Section } from '../formats/section.ts';
import { sinceOrigin } from '../timeline.ts';
import { frameOf } from './timeline-chart.ts';

/** The bars of the timeline in words: a row for each step, in the order in which they began. */
export function spanTable(
  data: ReportData,
  all: Spans,
  titles: ReadonlyMap<string, string>,
): Section['table'] {
  const { origin } = frameOf(data, all);
  const bySteps = new Map<string, Span[]>();
  for (const span of all.spans) {
    const of = bySteps.get(span.key);
    if (of === undefined) bySteps.set(span.key, [span]);
    else of.push(span);
  }
  const rows = [...bySteps.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { key, title, lane, from } = first;
    const { finished, failedAttempts = 0 } = data.record.steps.get(key) ?? {};
    const failed = failedAttempts === 0 ? '' : `, ${String(failedAttempts)} failed before`;
    return [
      {
        from,
        cells: [
          cell(sinceOrigin((from - origin) / 1000)),
          cell(titles.get(lane) ?? lane),
          cell(title),
          cell(spentText(own)),
          cell(`${finished?.outcome ?? ''}${failed}`),
        ],
      },
    ];
  });
  return {
    head: ['From', 'Lane', 'Step', 'Spent', 'Ended'],
    rows: rows.toSorted((a, b) => a.from - b.from).map(({ cells }) => cells),
  };
}

const spentText = (spans: readonly Span[]): string =>
  TIME_CLASSES.flatMap((name) => {
    const own = spans.filter(({ spentAs }) => spentAs === name);
    const micros = own.reduce((sum, { from, to }) => sum + to - from, 0);
    return own.length === 0 ? [] : [`${name} ${humanDuration(micros / 1000)}`];
  }).join(', ');
