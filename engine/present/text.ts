import { columns, truncate } from '../base/layout.ts';
import type { Theme, Tone } from './theme.ts';

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of the screen: no line ends, no escape sequences; colour is added when it is painted. */
export type Line = readonly Piece[];

export const piece = (text: string, tone: Tone = 'plain'): Piece => ({ text, tone });

export const line = (text: string, tone: Tone = 'plain'): Line => [piece(text, tone)];

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
