import { oneLine } from '../base/text.ts';
import type { Mode } from '../model/mode.ts';
import type { Line, Piece } from './text.ts';
import { wrap } from '../base/layout.ts';
import { line, lineWidth, piece, plainLine } from './text.ts';
import type { Theme } from './theme.ts';
import { brief, clockText } from '../base/human.ts';

/** What stays visible all the time. Measured elsewhere; all lengths in milliseconds. */
export interface Headline {
  /** Since `budgetFrom` was reached where there is a budget, else since the run began. */
  readonly elapsedMs: number;
  /** The RTO. */
  readonly budgetMs?: number;
  /** The mark that the budget counts from; shown where there is room. */
  readonly budgetFrom?: string;
  /** The whole way from start to end of the objective, not what remains: it is held against the budget. */
  readonly forecastMs?: { readonly p50: number; readonly p90: number };
  readonly mode: Mode;
  readonly playbook: string;
  readonly environment: string;
  readonly openDebts: number;
  /** Said in place of the clock while it does not run: the disaster has yet to come. */
  readonly waits?: string;
  /** How far the whole is; `atMost`: it depends on what is chosen. `next`: titles of the steps to come. */
  readonly progress?: {
    readonly at: number;
    readonly of: number;
    readonly atMost: boolean;
    readonly next: readonly string[];
  };
}

/** One line where it fits, else up to as many as it takes, broken between its parts. */
export function headlineLines(headline: Headline, width: number, theme: Theme): readonly Line[] {
  const dot = ` ${theme.symbols.dot} `;
  const name: Line = [
    piece(`${headline.mode} `, headline.mode === 'recover' ? 'warn' : 'plain'),
    piece(oneLine(headline.playbook), 'bold'),
    piece(`${dot}${oneLine(headline.environment)}`),
  ];
  for (const long of [true, false]) {
    const whole: Line = [...name, piece('    '), ...join(headlineParts(headline, long), dot)];
    if (lineWidth(whole) <= width) return [whole];
  }
  const lines: Line[] = [];
  let current: Piece[] = [];
  for (const part of headlineParts(headline, false)) {
    const longer = current.length === 0 ? [part] : [...current, piece(dot, 'dim'), part];
    if (current.length > 0 && lineWidth(longer) > width) {
      lines.push(current);
      current = [part];
    } else current = longer;
  }
  return [name, ...lines, current].flatMap((each) =>
    lineWidth(each) <= width
      ? [each]
      : wrap(plainLine(each), width).map((text) => line(text, each[0]?.tone ?? 'plain')),
  );
}

/** Clock, budget, forecast, how far the whole is and what is owed, as one line. */
export const headlineFigures = (headline: Headline, theme: Theme): Line =>
  join(headlineParts(headline, true), ` ${theme.symbols.dot} `);

function headlineParts(headline: Headline, long: boolean): readonly Piece[] {
  const { elapsedMs, budgetMs, budgetFrom, forecastMs, openDebts, waits, progress } = headline;
  const parts = [piece(waits ?? `${clockText(elapsedMs)} elapsed`, 'bold')];
  if (waits !== undefined && budgetMs !== undefined) parts.push(piece(`RTO ${brief(budgetMs)}`));
  else if (budgetMs !== undefined) {
    const left = budgetMs - elapsedMs;
    const from = long && budgetFrom !== undefined ? ` from ${oneLine(budgetFrom)}` : '';
    if (left < 0) parts.push(piece(`RTO ${brief(budgetMs)}${from} exceeded by ${clockText(-left)}`, 'bad'));
    else
      parts.push(
        piece(`${clockText(left)} left of RTO ${brief(budgetMs)}${from}`, budgetTone(left, budgetMs)),
      );
  }
  if (forecastMs !== undefined) {
    const { p50, p90 } = forecastMs;
    const over = budgetMs === undefined ? 0 : p50 - budgetMs;
    const tone = over > 0 ? 'bad' : budgetMs !== undefined && p90 > budgetMs ? 'warn' : 'plain';
    parts.push(piece(`forecast ${brief(p50)} (p90 ${brief(p90)})`, tone));
    if (over > 0 && elapsedMs <= (budgetMs ?? 0)) {
      parts.push(piece(`RTO will be missed by about ${brief(over)}`, 'bad'));
    }
  }
  if (progress !== undefined) {
    const { at, of, atMost } = progress;
    const steps = `${atMost ? 'up to ' : ''}${String(of)}`;
    parts.push(piece(at === 0 ? `${steps} steps` : `step ${String(at)} of ${steps}`));
  }
  if (openDebts > 0) parts.push(piece(`${String(openDebts)} ${openDebts === 1 ? 'debt' : 'debts'}`, 'warn'));
  return parts;
}

const budgetTone = (left: number, budget: number): 'good' | 'warn' => (left > budget / 4 ? 'good' : 'warn');

const join = (parts: readonly Piece[], dot: string): Line =>
  parts.flatMap((part, index) => (index === 0 ? [part] : [piece(dot, 'dim'), part]));
