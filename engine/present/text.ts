import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import type { Theme, Tone } from './theme.ts';

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the screen: no line ends, no escape sequences; colour is added when it is painted. */
export type Line = readonly Piece[];

export const piece = (text: string, tone: Tone = 'plain'): Piece => ({ text, tone });

export const line = (text: string, tone: Tone = 'plain'): Line => [piece(text, tone)];

const graphemes = new Intl.Segmenter();

/**
 * Text of others made harmless for a terminal: a log line or the name of a server could hold
 * escape sequences that repaint the screen, or direction marks that turn a name around.
 */
export function harmless(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, '\n')
    .replace(/\t/g, '  ')
    .replace(/(?!\n)\p{Cc}|[\u202A-\u202E\u2066-\u2069\u200E\u200F]/gu, '');
}

/** The same, on one line. */
export const oneLine = (text: string): string =>
  harmless(text)
    .replace(/\s*\n\s*/g, ' ')
    .trim();

/** Columns that a text takes. */
export const columns = (text: string): number => stringWidth(text);

/** Cuts a text to a number of columns, saying so at its end. */
export function truncate(text: string, width: number, ellipsis: string): string {
  if (columns(text) <= width) return text;
  const room = width - columns(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += columns(segment);
    if (used > room) break;
    kept += segment;
  }
  return kept.trimEnd() + ellipsis;
}

/** Breaks a text at white space, and inside a word that is longer than a line. At least one line. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  return harmless(text)
    .trimEnd()
    .split('\n')
    .flatMap((paragraph) => wrapParagraph(paragraph, room));
}

function wrapParagraph(paragraph: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of paragraph.split(/(?<=\s)(?=\S)/)) {
    if (current !== '' && columns((current + word).trimEnd()) > width) {
      lines.push(current.trimEnd());
      current = '';
    }
    let rest = word;
    while (columns(rest.trimEnd()) > width) {
      const head = truncate(rest, width, '');
      const taken = head === '' ? rest.slice(0, 1) : head;
      lines.push(taken);
      rest = rest.slice(taken.length);
    }
    current += rest;
  }
  return [...lines, current.trimEnd()];
}

export const lineWidth = (pieces: Line): number => pieces.reduce((sum, each) => sum + columns(each.text), 0);

/** Cuts a line to a number of columns. */
export function fit(pieces: Line, width: number, ellipsis: string): Line {
  if (lineWidth(pieces) <= width) return pieces;
  const kept: Piece[] = [];
  let room = width;
  for (const [index, each] of pieces.entries()) {
    const size = columns(each.text);
    const restFollows = index < pieces.length - 1;
    if (size < room || (size === room && !restFollows)) {
      kept.push(each);
      room -= size;
      continue;
    }
    // Something is lost either way: the mark of the cut must find room on this piece.
    kept.push(piece(truncate(size === room ? `${each.text} ` : each.text, room, ellipsis), each.tone));
    break;
  }
  return kept;
}

/** `left` at the left, `right` at the right; the left is cut where both do not fit. */
export function spread(left: Line, right: Line, width: number, ellipsis: string): Line {
  if (right.length === 0) return fit(left, width, ellipsis);
  const room = width - lineWidth(right) - 2;
  if (room < 8) return fit([...left, piece('  '), ...right], width, ellipsis);
  const cut = fit(left, room, ellipsis);
  return [...cut, piece(' '.repeat(width - lineWidth(cut) - lineWidth(right))), ...right];
}

export function paintLine(pieces: Line, theme: Theme): string {
  let painted = '';
  for (let index = 0; index < pieces.length; index += 1) {
    const { tone, text } = pieces[index] ?? piece('');
    let run = text;
    while (pieces[index + 1]?.tone === tone) run += pieces[(index += 1)]?.text ?? '';
    painted += theme.paint(tone, run);
  }
  return painted;
}

export const plainLine = (pieces: Line): string => pieces.map((each) => each.text).join('');
