import { wrap } from '../base/layout.ts';
import { oneLine } from '../base/text.ts';
import { bodyLines, markPiece } from './body.ts';
import type { Headline } from './headline.ts';
import { headlineLines } from './headline.ts';
import type { EntryMark, ScreenState } from './screen-state.ts';
import type { Line } from './text.ts';
import { fit, line, piece } from './text.ts';
import type { Theme, Tone } from './theme.ts';
import { timeOfDay } from '../base/human.ts';

export interface ScreenOptions {
  readonly width: number;
  /** The screen is never higher, however long the run is. */
  readonly height: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly theme: Theme;
  readonly headline: Headline;
  /** Turns the spinner. */
  readonly tick: number;
  /** Something to be said at once: that the run is about to pause. */
  readonly notice?: string;
  /** A question that is open: what it is about, and the prompt below it. */
  readonly question?: OpenQuestion;
}

export interface OpenQuestion {
  readonly panel: readonly Line[];
  /** Lines of the panel that are scrolled away at its top. */
  readonly scrolled: number;
  /** How many lines the prompt takes. */
  readonly promptHeight: number;
}

export interface Screen {
  readonly lines: readonly Line[];
  /** Where the prompt's lines go: the index of the first. */
  readonly promptAt: number;
  /** Lines by which the panel can be scrolled at most. */
  readonly scrollable: number;
}

/** Widest useful line: further to the right, durations would lose their steps. */
const READABLE = 120;

/**
 * The whole screen as lines, never wider nor higher than the terminal. The headline and an
 * open prompt are always there; between them the question comes before the run.
 */
export function renderScreen(state: ScreenState, options: ScreenOptions): Screen {
  const { height, theme, headline, now, notice, question } = options;
  const width = Math.min(options.width, READABLE);
  const promptHeight = question === undefined ? 0 : Math.min(question.promptHeight, height);
  const top = [...headlineLines(headline, width, theme), ...narrowLines(width, question !== undefined)].slice(
    0,
    Math.max(0, Math.min(height - promptHeight, Math.ceil(height / 3))),
  );
  const spacious = height >= 16 && top.length + (question?.panel.length ?? 0) + promptHeight + 6 <= height;
  const head = [
    ...top,
    ...(spacious && state.marks.length > 0 ? [marksLine(state, width, theme)] : []),
    ...standingLines(state, notice, width, theme),
    ...(spacious ? [line('')] : []),
  ].slice(0, Math.max(top.length, height - promptHeight - 3));
  const room = Math.max(0, height - head.length - promptHeight);
  const panel = question === undefined ? noPanel : panelLines(question, room, width, theme);
  const left = hidesRun(width, question !== undefined) ? 0 : room - panel.lines.length;
  const next = nextLines(headline.progress?.next ?? [], { width, height: left, theme });
  const body = bodyLines(state, { width, height: left - next.length, now, theme, tick: options.tick });
  const lines = [...head, ...body, ...next, ...panel.lines];
  return { lines, promptAt: lines.length, scrollable: panel.scrollable };
}

/** Fewer columns than these cut most titles, and fewer than those leave no room beside a question. */
const CUTS_TITLES = 50;
const HIDES_RUN = 30;

const hidesRun = (width: number, isAsked: boolean): boolean => width < HIDES_RUN && isAsked;

/** What a terminal is too narrow for. One column of it stays free. */
function narrowLines(width: number, isAsked: boolean): readonly Line[] {
  if (width >= CUTS_TITLES) return [];
  const lost = hidesRun(width, isAsked) ? 'the run is hidden, not the question' : 'titles are cut';
  return wrap(`Only ${String(width + 1)} columns: ${lost}.`, width).map((text) => line(text, 'warn'));
}

const NEXT = 'next  ';

/** What comes after what runs: a line each where there is room, on one line where there is less. */
function nextLines(
  titles: readonly string[],
  { width, height, theme }: { readonly width: number; readonly height: number; readonly theme: Theme },
): readonly Line[] {
  if (titles.length === 0 || height < 4) return [];
  const { dot, ellipsis } = theme.symbols;
  const rows = height < 12 ? [titles.map(oneLine).join(` ${dot} `)] : titles.map(oneLine);
  return rows.map((text, index) =>
    fit([piece(index === 0 ? NEXT : ' '.repeat(NEXT.length), 'dim'), piece(text, 'dim')], width, ellipsis),
  );
}

const noPanel = { lines: [], scrollable: 0 };

/** The question, or as much of it as fits, with a word on what does not. */
function panelLines(
  question: OpenQuestion,
  room: number,
  width: number,
  theme: Theme,
): { readonly lines: readonly Line[]; readonly scrollable: number } {
  const { panel } = question;
  const rule = line(theme.symbols.rule.repeat(width), 'dim');
  if (panel.length + 1 <= room) return { lines: [rule, ...panel], scrollable: 0 };
  if (room < 2) return { lines: panel.slice(0, room), scrollable: 0 };
  const shown = room - 1;
  const scrollable = panel.length - shown;
  const from = Math.min(question.scrolled, scrollable);
  const below = scrollable - from;
  const hint =
    below > 0
      ? `${theme.symbols.ellipsis} ${String(below)} more ${below === 1 ? 'line' : 'lines'}: PgDn`
      : `${theme.symbols.ellipsis} ${String(from)} above: PgUp`;
  return {
    lines: [...panel.slice(from, from + shown), fit(line(hint, 'warn'), width, theme.symbols.ellipsis)],
    scrollable,
  };
}

const marksLine = (state: ScreenState, width: number, theme: Theme): Line =>
  fit(
    line(
      state.marks
        .map(({ mark, time }) => `${oneLine(mark)} ${timeOfDay(time)}`)
        .join(` ${theme.symbols.dot} `),
      'dim',
    ),
    width,
    theme.symbols.ellipsis,
  );

function standingLines(
  state: ScreenState,
  notice: string | undefined,
  width: number,
  theme: Theme,
): readonly Line[] {
  const { standing } = state;
  const said = (mark: EntryMark, text: string, tone: Tone): readonly Line[] =>
    wrap(oneLine(text), width - 2)
      .slice(0, 2)
      .map((each, index) => [index === 0 ? markPiece(mark, theme) : piece(' '), piece(` ${each}`, tone)]);
  return [
    ...(standing === undefined ? [] : said(standing.mark, standing.text, 'bold')),
    ...(notice === undefined ? [] : said('info', notice, 'warn')),
  ].map((each) => fit(each, width, theme.symbols.ellipsis));
}
