import { oneLine } from '../base/text.ts';
import { humanDuration, brief, clockText } from '../base/human.ts';
import { unreachable } from '../base/unreachable.ts';
import type { Entry, EntryMark, Live, OpenScope, RunningStep, ScreenState } from './screen-state.ts';
import type { Stage } from './stages.ts';
import type { Line, Piece } from './text.ts';
import { line, piece, spread } from './text.ts';
import type { Theme, Tone } from './theme.ts';

export interface BodyOptions {
  readonly width: number;
  /** Lines to fill at most. */
  readonly height: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly theme: Theme;
  /** Counts up while the screen lives: turns the spinner. */
  readonly tick: number;
}

/**
 * The run as a tree: what is over as one line each, what is open with its steps, what
 * runs with its details. Where it does not fit, details of running steps go first,
 * then the oldest lines of the outer scopes.
 */
export function bodyLines(state: ScreenState, options: BodyOptions): readonly Line[] {
  const { height } = options;
  if (height <= 0) return [];
  const depth = state.scopes.length - 1;
  const heads = state.scopes.slice(1).map((scope, index) => scopeHead(scope, index, options));
  const running = fitting([2, 1, 0], height - heads.length, (detail) =>
    runningLines(state, depth, detail, options),
  );
  const room = Math.max(0, height - heads.length - running.length);
  const entries = entryLines(state.scopes, room, options);
  const lines = state.scopes.flatMap((_, index) => [
    ...(index === 0 ? [] : [heads[index - 1] ?? []]),
    ...(entries[index] ?? []),
  ]);
  // What runs stands last and matters most: a screen that is too low shows the end.
  return [...lines, ...running].slice(-height);
}

/** The richest form that fits, else the last. */
function fitting(
  levels: readonly number[],
  height: number,
  make: (level: number) => readonly Line[],
): readonly Line[] {
  let lines: readonly Line[] = [];
  for (const level of levels) {
    lines = make(level);
    if (lines.length <= height) break;
  }
  return lines;
}

function scopeHead(scope: OpenScope, depth: number, options: BodyOptions): Line {
  const { theme, width, now } = options;
  const indent = '  '.repeat(depth);
  const title = scope.kind === 'undo' ? `Undo: ${scope.title}` : scope.title;
  return spread(
    [piece(`${indent}${theme.symbols.open} `, 'accent'), piece(oneLine(title), 'bold')],
    [piece(clockText(now - scope.startedAt), 'dim')],
    width,
    theme.symbols.ellipsis,
  );
}

/**
 * Lines of what is over, per scope, `room` altogether. The innermost scope is served first,
 * but a third is kept for those around it: which phases are over stays visible.
 */
function entryLines(
  scopes: readonly OpenScope[],
  room: number,
  options: BodyOptions,
): readonly (readonly Line[])[] {
  const result: (readonly Line[])[] = [];
  const around = scopes.slice(0, -1).reduce((sum, scope) => sum + scope.earlier + scope.entries.length, 0);
  let kept = Math.min(around, Math.floor(room / 3));
  let left = room;
  for (const [depth, scope] of [...scopes.entries()].reverse()) {
    const lines = scopeEntries(scope, depth, left - kept, options);
    result.unshift(lines);
    left -= lines.length;
    kept = 0;
  }
  return result;
}

function scopeEntries(scope: OpenScope, depth: number, room: number, options: BodyOptions): readonly Line[] {
  const total = scope.earlier + scope.entries.length;
  if (total === 0 || room <= 0) return [];
  const all = total <= room && scope.earlier === 0;
  const shown = all ? scope.entries : scope.entries.slice(-(room - 1) || scope.entries.length);
  const hidden = total - shown.length;
  const lines = shown.map((entry) => entryLine(entry, depth, options));
  return all ? lines : [earlierLine(hidden, depth, options), ...lines].slice(0, room);
}

const earlierLine = (count: number, depth: number, { theme }: BodyOptions): Line =>
  line(`${'  '.repeat(depth)}${theme.symbols.ellipsis} ${String(count)} earlier`, 'dim');

const TONES: Readonly<Record<EntryMark, Tone>> = {
  ok: 'good',
  bad: 'bad',
  skip: 'dim',
  info: 'dim',
  wait: 'accent',
  pause: 'warn',
};

export const markPiece = (mark: EntryMark, theme: Theme): Piece =>
  piece(mark === 'info' ? theme.symbols.dot : theme.symbols[mark], TONES[mark]);

/** A finished thing without its length of time. */
export function entryPieces(entry: Entry, theme: Theme): Line {
  const pieces = [markPiece(entry.mark, theme), piece(` ${oneLine(entry.text)}`)];
  if (entry.detail === undefined) return pieces;
  return [...pieces, piece(`  ${oneLine(entry.detail)}`, entry.mark === 'bad' ? 'bad' : 'dim')];
}

function entryLine(entry: Entry, depth: number, options: BodyOptions): Line {
  const { theme, width } = options;
  const right = entry.tookMs === undefined ? [] : [piece(humanDuration(entry.tookMs), 'dim')];
  const left = [piece('  '.repeat(depth)), ...entryPieces(entry, theme)];
  return spread(left, right, width, theme.symbols.ellipsis);
}

/** `detail`: 0 the step's line alone, 1 and its last reading, 2 and everything. */
function runningLines(
  state: ScreenState,
  depth: number,
  detail: number,
  options: BodyOptions,
): readonly Line[] {
  const lines = state.running.flatMap((step) => [
    stepLine(step, state, depth, options),
    ...stepDetails(step, state.live.get(step.key), depth, detail, options),
  ]);
  const { gate } = state;
  if (gate !== undefined && !state.running.some((step) => step.key === gate.key)) {
    const waited = piece(clockText(options.now - gate.openedAt), 'dim');
    const indent = piece('  '.repeat(depth));
    lines.push(
      spread(
        [
          indent,
          markPiece('wait', options.theme),
          piece(` ${oneLine(gate.title)}  `),
          piece('waits for you', 'accent'),
        ],
        [waited],
        options.width,
        options.theme.symbols.ellipsis,
      ),
      ...liveLines(state.live.get(gate.key), depth, detail, options),
    );
  }
  if (lines.length > 0) return lines;
  const loose = state.loose.slice(-Math.max(1, detail + 1));
  return [
    ...(state.stage === undefined ? [] : [stageLine(state.stage, options)]),
    ...loose.map((text) => indented(text, depth, 'dim', options)),
  ];
}

function stageLine({ text, since }: Stage, options: BodyOptions): Line {
  const { theme, width, now, tick } = options;
  const { spinner, ellipsis } = theme.symbols;
  const left = [piece(spinner[tick % spinner.length] ?? '', 'accent'), piece(` ${text}`, 'bold')];
  return spread(left, [piece(clockText(now - since))], width, ellipsis);
}

function stepLine(step: RunningStep, state: ScreenState, depth: number, options: BodyOptions): Line {
  const { theme, width, now, tick } = options;
  const waits = state.gate?.key === step.key;
  const { spinner } = theme.symbols;
  const sign = waits ? markPiece('wait', theme) : piece(spinner[tick % spinner.length] ?? '', 'accent');
  const took = now - step.startedAt;
  const late = step.expectMs !== undefined && took > step.expectMs;
  const expected = step.expectMs === undefined ? '' : ` of ${brief(step.expectMs)}`;
  return spread(
    [piece('  '.repeat(depth)), sign, piece(` ${oneLine(step.title)}`, 'bold')],
    [piece(clockText(took)), piece(expected + (late ? ', late' : ''), late ? 'warn' : 'dim')],
    width,
    theme.symbols.ellipsis,
  );
}

function stepDetails(
  step: RunningStep,
  live: Live | undefined,
  depth: number,
  detail: number,
  options: BodyOptions,
): readonly Line[] {
  const lines: Line[] = [];
  if (detail >= 2 && oneLine(step.describe) !== oneLine(step.title)) {
    lines.push(indented(step.describe, depth + 1, 'dim', options));
  }
  if (step.inDoubt === true && detail >= 1) {
    lines.push(indented('in doubt: began in an earlier life of the run', depth + 1, 'warn', options));
  }
  if (step.failedAttempt !== undefined && detail >= 1) {
    const { attempt, message, nextAt } = step.failedAttempt;
    const next =
      nextAt !== undefined && nextAt > options.now
        ? `; again in ${clockText(nextAt - options.now + 999)}`
        : '';
    lines.push(indented(`attempt ${String(attempt)} failed: ${message}${next}`, depth + 1, 'warn', options));
  }
  if (step.activity?.reason !== undefined && step.activity.class !== 'machine' && detail >= 1) {
    lines.push(indented(step.activity.reason, depth + 1, 'accent', options));
  }
  return [...lines, ...liveLines(live, depth, detail, options)];
}

function liveLines(
  live: Live | undefined,
  depth: number,
  detail: number,
  options: BodyOptions,
): readonly Line[] {
  if (live === undefined || detail < 1) return [];
  const lines: Line[] = [];
  const { reading, progress } = live;
  if (reading !== undefined) {
    const tone = reading.state === 'holds' ? 'good' : reading.state === 'notYet' ? 'accent' : 'warn';
    lines.push(indented(readingText(reading), depth + 1, tone, options));
  }
  if (progress !== undefined) lines.push(indented(progressText(progress), depth + 1, 'accent', options));
  if (detail >= 2) lines.push(...live.log.map((text) => indented(text, depth + 1, 'dim', options)));
  return lines;
}

/** `503, 1 of 3 readings in a row`: not yet, failed and unreachable are told apart in words. */
export function readingText(reading: NonNullable<Live['reading']>): string {
  const text = oneLine(reading.text);
  const count =
    reading.stable > 1 && reading.inARow > 0
      ? `, ${String(reading.inARow)} of ${String(reading.stable)} readings in a row`
      : '';
  switch (reading.state) {
    case 'holds':
      return `${text}${count}`;
    case 'notYet':
      return `not yet: ${text}${count}`;
    case 'failed':
      return `failed: ${text}`;
    case 'unreachable':
      return `unreachable: ${text}`;
    default:
      return unreachable(reading.state);
  }
}

export function progressText(progress: NonNullable<Live['progress']>): string {
  const { done, total, unit } = progress;
  if (total === undefined) return `${String(done)} ${unit}`;
  const share = total > 0 ? ` (${String(Math.floor((done / total) * 100))}%)` : '';
  return `${String(done)} of ${String(total)} ${unit}${share}`;
}

const indented = (text: string, depth: number, tone: Tone, options: BodyOptions): Line =>
  spread(
    [piece('  '.repeat(depth + 1)), piece(oneLine(text), tone)],
    [],
    options.width,
    options.theme.symbols.ellipsis,
  );
