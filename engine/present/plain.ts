import { oneLine } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import type { Signal } from '../model/signal.ts';
import { applyEvent } from '../model/fold.ts';
import type { Question, View } from '../model/ports.ts';
import { markPiece, progressText, readingText } from './body.ts';
import { screenFold } from './fold.ts';
import { headlineFigures } from './headline.ts';
import type { Headline } from './headline.ts';
import { questionFacts } from './panel.ts';
import { plainLines } from './plain-lines.ts';
import type { ScreenState } from './screen-state.ts';
import { applySignal, initialScreenState } from './screen-state.ts';
import type { Line } from './text.ts';
import { line, paintLine, piece } from './text.ts';
import { createTheme, speaksUnicode } from './theme.ts';
import type { Theme } from './theme.ts';
import { clockText } from '../base/human.ts';
import { formatValue } from './values.ts';

export interface PlainOptions {
  readonly write: (line: string) => void;
  readonly color: boolean;
  /** What a resumed run did in its earlier lives: not shown again. */
  readonly history?: readonly Event[];
  readonly unicode?: boolean;
  /** Milliseconds since the epoch, for what has no time of its own. */
  readonly now?: () => number;
  /** Said where the live screen would show it and somebody looks up: at the beginning of a phase, and at a question. */
  readonly headline?: () => Headline;
}

export interface PlainView extends View {
  readonly theme: Theme;
  /** Lines as they are: from the first column on, so that a command can be copied. */
  block(lines: readonly Line[]): void;
  /** What a question is about, for whoever reads the log of a run in which nobody is asked. */
  asked(question: Question): void;
  close(): void;
}

/** Of a line that no terminal breaks: whoever shows it breaks it. */
const UNBROKEN = 10_000;

/** What a question can be answered with, where it is more than a word. */
function offered(question: Question): readonly string[] {
  const named = (name: string, title: string): string => (name === title ? name : `${name}: ${title}`);
  switch (question.type) {
    case 'branch':
      return question.branches.map(({ name, title }) => named(name, title));
    case 'manual':
      return question.items;
    case 'input': {
      const offers = (question.offers ?? []).map(({ label, value }) => named(formatValue(value), label));
      return [...question.input.options.map(({ value, label }) => named(value, label)), ...offers];
    }
    default:
      return [];
  }
}

/** Where a log says how far the whole is. */
const isLookedAt = (event: Event): boolean =>
  event.type === 'gate.opened' || (event.type === 'scope.entered' && event.kind === 'phase');

/** Between two lines on the progress of one step. */
const PROGRESS_MS = 5000;

/**
 * A run as lines, for a log or a terminal that cannot move its cursor: one for each thing
 * that happens, a poll's reading when it changes, progress every few seconds. What a step
 * logs is shown when the step fails: the last lines, before the failure.
 */
export function createPlainView(options: PlainOptions): PlainView {
  const { write, now = Date.now, history = [] } = options;
  const theme = createTheme({
    color: options.color,
    unicode: options.unicode ?? speaksUnicode(process.env),
  });
  let state: ScreenState = history.reduce(
    (before, event) => applyEvent(screenFold, before, event),
    initialScreenState,
  );
  let startedAt: number | undefined = state.run?.startedAt;
  const readings = new Map<string, string>();
  const progressAt = new Map<string, number>();

  const print = (at: number, depth: number, pieces: Line): void => {
    const elapsed = clockText(at - (startedAt ?? at)).padStart(8);
    write(paintLine([piece(`${elapsed}  ${'  '.repeat(depth)}`, 'dim'), ...pieces], theme));
  };

  let saidOf = '';
  const where = ({ type, at: micros }: Event): void => {
    if (options.headline === undefined) return;
    const at = micros / 1000;
    const headline = options.headline();
    const next = (headline.progress?.next ?? []).map(oneLine).join(` ${theme.symbols.dot} `);
    const place = `${String(headline.progress?.at)} ${next}`;
    // Phases begin in each other.
    if (type === 'scope.entered' && place === saidOf) return;
    saidOf = place;
    const depth = state.scopes.length;
    print(at, depth, headlineFigures(headline, theme));
    if (next !== '') print(at, depth, line(`next: ${next}`));
  };

  const stage = (before: ScreenState, at: number): void => {
    const text = state.stage?.text;
    if (text === undefined || text === before.stage?.text) return;
    print(at, state.scopes.length - 1, [markPiece('wait', theme), piece(` ${text}`)]);
  };

  return {
    theme,
    block: (lines) => {
      for (const each of lines) write(paintLine(each, theme));
    },
    asked: (question) => {
      for (const each of questionFacts(question, theme, UNBROKEN)) write(paintLine(each, theme));
      for (const each of offered(question)) write(`${theme.symbols.dot} ${oneLine(each)}`);
      write(`answers: ${question.choices.join(', ')}`);
    },
    event: (event) => {
      const before = state;
      state = applyEvent(screenFold, before, event);
      startedAt ??= event.at / 1000;
      if (event.type === 'step.finished') {
        readings.delete(event.key);
        progressAt.delete(event.key);
      }
      for (const { depth, pieces } of plainLines(event, before, state, theme)) {
        print(event.at / 1000, depth, pieces);
      }
      stage(before, event.at / 1000);
      if (isLookedAt(event)) where(event);
    },
    signal: (signal) => {
      const before = state;
      state = applySignal(state, signal);
      stage(before, now());
      const text = worthALine(signal);
      if (text !== undefined) {
        print(now(), state.scopes.length, [markPiece('info', theme), piece(` ${oneLine(text)}`, 'dim')]);
      }
    },
    close: () => undefined,
  };

  function worthALine(signal: Signal): string | undefined {
    if (signal.type === 'reading') {
      const text = readingText(signal);
      if (readings.get(signal.key) === text) return undefined;
      readings.set(signal.key, text);
      return text;
    }
    if (signal.type === 'progress') {
      const last = progressAt.get(signal.key);
      if (last !== undefined && now() - last < PROGRESS_MS) return undefined;
      progressAt.set(signal.key, now());
      return progressText(signal);
    }
    // What belongs to no step (a world that starts) has no failure to wait for.
    return state.running.some((step) => step.key === signal.key) ? undefined : signal.line;
  }
}
