import { humanDuration, count } from '../../base/human.ts';
import { TIME_CLASSES } from '../../model/time-class.ts';
import { pad, padLeft, paragraph, columns, truncate } from '../../base/layout.ts';
import { oneLine } from '../../base/text.ts';
import type { ReportData } from '../data.ts';
import type { TimeShare } from '../../measure/time.ts';
import { CLASS_WORDS } from '../labels.ts';

const BAR = 24;
const MOST_STEPS = 10;

/** Classes with bars, phases, the longest steps, and the waits that the sandbox shortened. */
export function timeSection({ time, record, phaseTitles }: ReportData, width: number): readonly string[] {
  const { totalMicros, classes, phases, steps, modelled } = time;
  if (totalMicros === 0) return [];
  const bars = (rows: readonly (readonly [string, number])[]): string[] => {
    const widest = Math.max(0, ...rows.map(([name]) => columns(name)));
    return rows.map(([name, micros]) => barLine(pad(name, widest), micros, totalMicros, width));
  };
  const spent = TIME_CLASSES.filter((name) => classes[name] > 0);
  const longest = [...steps].sort((a, b) => b.micros - a.micros).slice(0, MOST_STEPS);
  const titled = (key: string, title: string): string => short(record.steps.get(key)?.title ?? title);
  return [
    ...bars(spent.map((name) => [CLASS_WORDS[name], classes[name]] as const)),
    ...paragraph(
      '  ',
      `${humanDuration(totalMicros / 1000)} altogether, from the start of the run to its end, set-up included`,
      width,
    ),
    ...group(
      'By phase',
      bars(phases.map(({ key, title, micros }) => [short(phaseTitles.get(key) ?? title), micros] as const)),
    ),
    ...group(
      steps.length > MOST_STEPS
        ? `The ${MOST_STEPS} longest of ${steps.length} steps`
        : 'By step, the longest first',
      bars([
        ...longest.map(({ key, title, micros }) => [titled(key, title), micros] as const),
        ...others(steps.length - longest.length, total(steps) - total(longest)),
        ...named('between steps', totalMicros - total(steps)),
      ]),
    ),
    ...group(
      'Real waits that the sandbox shortened',
      modelled.flatMap(({ key, reason, modelledMicros, actualMicros, source }) => {
        const lengths = `${humanDuration(actualMicros / 1000)} here, ${humanDuration(modelledMicros / 1000)} in the real world`;
        const said = source === undefined ? '' : ` (${source})`;
        return paragraph('  ', `${titled(key, key)}, ${reason}: ${lengths}${said}`, width);
      }),
    ),
  ];
}

/** What is left, so that the rows sum to the whole. */
const named = (name: string, micros: number): readonly (readonly [string, number])[] =>
  micros > 0 ? [[name, micros]] : [];

const others = (number: number, micros: number): readonly (readonly [string, number])[] =>
  number > 0 ? named(count(number, 'other step'), micros) : [];

const total = (rows: readonly TimeShare[]): number => rows.reduce((sum, { micros }) => sum + micros, 0);

const group = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', `  ${title}:`, ...lines];

/** Long titles would push the bars off the line. */
const short = (title: string): string => truncate(oneLine(title), 44, '…');

function barLine(name: string, micros: number, total: number, width: number): string {
  const share = micros / total;
  const figures = `${padLeft(humanDuration(micros / 1000), 9)} ${padLeft(`${Math.round(share * 100)}%`, 4)}`;
  const line = `  ${name} ${figures}`;
  const bar = ` ${'█'.repeat(Math.max(micros > 0 ? 1 : 0, Math.round(share * BAR)))}`;
  return columns(line) + BAR + 1 > width ? line : line + bar;
}
