import stringWidth from 'string-width';
import { harmless, oneLine, untabbed } from './text.ts';

// Text in lines and columns, as wide as it is shown.

const graphemes = new Intl.Segmenter();

/** Columns that a text takes: two for most of Chinese, none for a combining accent. */
export const columns = (text: string): number => stringWidth(text);

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

/** The first line begins with `head`; the others stand below its end. A word longer than a line stays whole. */
export function paragraph(head: string, text: string, width: number): string[] {
  const indent = ' '.repeat(columns(head));
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + columns(longer) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line].map((each, index) => `${index === 0 ? head : indent}${each}`.trimEnd());
}

export interface TableLayout {
  /** The last column is wrapped to it. */
  readonly width?: number;
  readonly indent?: string;
}

/** Columns as wide as their widest cell, two spaces apart; colour is added to whole lines afterwards. */
export function table(rows: readonly (readonly string[])[], layout: TableLayout = {}): string[] {
  const { width = Number.POSITIVE_INFINITY, indent = '' } = layout;
  const cells = rows.map((row) => row.map(oneLine));
  const count = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cells.map((row) => columns(row[column] ?? ''))),
  );
  return cells.flatMap((row) => {
    const head = row.slice(0, -1).map((cell, column) => `${pad(cell, widths[column] ?? 0)}  `);
    return paragraph(`${indent}${head.join('')}`, row.at(-1) ?? '', width);
  });
}
