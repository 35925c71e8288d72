import stringWidth from 'string-width';
import { harmless, oneLine, untabbed } from './text.ts';

// Text in lines and columns, as wide as it is shown.

const graphemes = new Intl.Segmenter();

/** Characters one column wide, each of one unit: what nearly all texts are made of, and the signs of drillbook itself. */
const PLAIN = /^[ -~–…·✓✗≥“”]*$/;

/** Columns that a text takes: two for most of Chinese, none for a combining accent. */
export const columns = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columns(text)));

export const padLeft = (text: string, width: number): string =>
  ' '.repeat(Math.max(0, width - columns(text))) + text;

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
  return untabbed(harmless(text))
    .trimEnd()
    .split('\n')
    .flatMap((paragraph) => wrapLine(paragraph, room));
}

function wrapLine(paragraph: string, width: number): readonly string[] {
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

/**
 * Breaks the lines of a text between words, each where it is wider than `width`: what goes on stands `hang` columns
 * further in than its line. Colour stays. A word longer than a line stays whole: a path or a hash is to be copied.
 */
export function prose(text: string, width: number, hang = 0): string {
  return text
    .split('\n')
    .flatMap((each) => (columns(each) <= width ? [each] : brokenLine(each, width, hang)))
    .join('\n');
}

function brokenLine(text: string, width: number, hang: number): readonly string[] {
  const begin = /^ */.exec(text)?.[0] ?? '';
  // On a narrow terminal the text has the room, not what stands before it.
  const indent = ' '.repeat(Math.min(begin.length + hang, Math.floor(width / 3)));
  const lines: string[] = [];
  let current = begin;
  for (const [index, word] of text
    .slice(begin.length)
    .split(/(?<=\S) +/)
    .entries()) {
    const longer = index === 0 ? current + word : `${current} ${word}`;
    if (index > 0 && columns(longer) > width) {
      lines.push(current);
      current = indent + word;
    } else current = longer;
  }
  return [...lines, current];
}

/** The first line begins with `head`; the others stand below its end. A word longer than a line stays whole. */
export function paragraph(head: string, text: string, width: number): string[] {
  const indent = ' '.repeat(columns(head));
  const words = oneLine(text).replace(/\s+/g, ' ');
  if (indent.length + columns(words) <= width) return [`${head}${words}`.trimEnd()];
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + columns(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each, index) => `${index === 0 ? head : indent}${each}`.trimEnd());
}

export interface TableLayout {
  /** As many columns as there are. The last cell of a row is wrapped to it; endless when absent. */
  readonly width?: number;
  readonly indent?: string;
  /** Numbers of the columns that may be cut in their middle where there is too little room; absent: it is as wide as it is. */
  readonly cut?: readonly number[];
}

/** What the last column, which is wrapped, is given at least, and what of one that is cut is left at least. */
const LAST_ROOM = 12;
const CUT_AT_LEAST = 10;

/**
 * Columns as wide as their widest cell, two spaces apart; colour is added to whole lines afterwards. Where they do not
 * fit, the cells of `cut` are cut in the middle; where that is not enough, each row is told in lines of its own, under
 * the headings of the first.
 */
export function table(rows: readonly (readonly string[])[], layout: TableLayout = {}): string[] {
  const { width = Number.POSITIVE_INFINITY, indent = '', cut } = layout;
  const cells = rows.map((row) => row.map(oneLine));
  const widest = widestOf(cells);
  const widths =
    cut === undefined
      ? widest
      : widthsWithin([...widest.slice(0, -1), lastOf(cells)], width - columns(indent), cut);
  if (widths === undefined) return asRecords(cells, width, indent);
  return cells.flatMap((row) => {
    const head = row.slice(0, -1).map((cell, column) => {
      const room = widths[column] ?? 0;
      return `${pad(cutInTheMiddle(cell, room), room)}  `;
    });
    return paragraph(`${indent}${head.join('')}`, row.at(-1) ?? '', width);
  });
}

const widestOf = (cells: readonly (readonly string[])[]): readonly number[] =>
  Array.from({ length: Math.max(0, ...cells.map((row) => row.length)) }, (_, column) =>
    Math.max(...cells.map((row) => columns(row[column] ?? ''))),
  );

/** The least that the last column needs: it is broken between words only. */
function lastOf(cells: readonly (readonly string[])[]): number {
  const texts = cells.map((row) => row.at(-1) ?? '');
  const words = texts.flatMap((text) => text.split(' ')).map(columns);
  return Math.max(Math.min(LAST_ROOM, Math.max(...texts.map(columns))), ...words);
}

/** The widest column that may be cut gives way first. Undefined where there is too little room all the same. */
function widthsWithin(
  widest: readonly number[],
  room: number,
  cut: readonly number[],
): readonly number[] | undefined {
  const widths = [...widest];
  const last = widths.pop() ?? 0;
  const taken = (): number => widths.reduce((sum, width) => sum + width + 2, last);
  while (taken() > room) {
    const column = widths.reduce(
      (best, width, at) => (cut.includes(at) && width > (widths[best] ?? 0) ? at : best),
      -1,
    );
    const most = widths[column];
    if (most === undefined || most <= CUT_AT_LEAST) return undefined;
    widths[column] = most - 1;
  }
  return widths;
}

/** The first cell of a row on a line of its own, and below it the others that say something. */
function asRecords(
  [headings = [], ...rows]: readonly (readonly string[])[],
  width: number,
  indent: string,
): string[] {
  return rows.flatMap(([name = '', ...cells]) => {
    const told = cells.flatMap((cell, at) =>
      cell === '' || cell === '–' ? [] : [`${headings[at + 1]?.toLowerCase() ?? ''} ${cell}`.trim()],
    );
    return [
      `${indent}${name}`,
      ...(told.length === 0 ? [] : paragraph(`${indent}  `, told.join(', '), width)),
    ];
  });
}

/** Beginning and end stay: what names have in common stands at either. */
export function cutInTheMiddle(text: string, width: number): string {
  if (columns(text) <= width) return text;
  const front = Math.ceil((width - 1) / 2);
  const all = Array.from(graphemes.segment(text), ({ segment }) => segment);
  let back = '';
  for (const segment of all.toReversed()) {
    if (columns(segment + back) > width - 1 - front) break;
    back = segment + back;
  }
  return `${truncate(text, front + 1, '…')}${back}`;
}
