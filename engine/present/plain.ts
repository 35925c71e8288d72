import { oneLine } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import type { Signal } from '../model/signal.ts';
import { applyEvent } from '../model/fold.ts';
import type { View } from '../model/ports.ts';
import { markPiece, progressText, readingText } from './body.ts';
import { screenFold } from './fold.ts';
import { plainLines } from './plain-lines.ts';
import type { ScreenState } from './screen-state.ts';
import { applySignal, initialScreenState } from './screen-state.ts';
import type { Line } from './text.ts';
import { paintLine, piece } from './text.ts';
import { createTheme, speaksUnicode } from './theme.ts';
import { clockText } from '../base/human.ts';

export interface PlainOptions {
  readonly write: (line: string) => void;
  readonly color: boolean;
  /** What a resumed run did in its earlier lives: not shown again. */
  readonly history?: readonly Event[];
  readonly unicode?: boolean;
  /** Milliseconds since the epoch, for what has no time of its own. */
  readonly now?: () => number;
}

/** Between two lines on the progress of one step. */
const PROGRESS_MS = 5000;

/**
 * A run as lines, for a log or a terminal that cannot move its cursor: one for each thing
 * that happens, a poll's reading when it changes, progress every few seconds. What a step
 * logs is shown when the step fails: the last lines, before the failure.
 */
export function createPlainView(options: PlainOptions): View & { close(): void } {
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

  return {
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
    },
    signal: (signal) => {
      state = applySignal(state, signal);
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
