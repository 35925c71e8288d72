import { oneLine } from '../base/text.ts';
import { Document } from 'yaml';
import type { SourceFile, Span } from '../source/file.ts';
import { entry } from './syntax/tree.ts';
import type { Tree, TreeEntry, TreeMap } from './syntax/tree.ts';

/** A piece of a text to be replaced by another; all around it stays as it is, to the byte. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Edits do not overlap; those at the same place stand in their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: replacement } of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, start) + replacement;
    at = end;
  }
  return result + text.slice(at);
}

/** Gives a key of a map another value: in its quotes where it has some, on a line of its own below `after` where it is new. */
export function setScalar(
  map: TreeMap,
  key: string,
  value: string,
  after: readonly string[],
): Edit | undefined {
  const found = entry(map, key);
  if (found !== undefined) return replaceScalar(found, value);
  const anchor = after.map((name) => entry(map, name)).find((each) => each !== undefined && isOneLine(each));
  return anchor === undefined ? undefined : insertAfter(map, anchor, key, value);
}

function replaceScalar({ value: tree }: TreeEntry, value: string): Edit | undefined {
  if (tree.type !== 'scalar' || tree.empty) return undefined;
  const { file, start, end } = tree.span;
  const quote = /^["']/.exec(file.text.slice(start, end))?.[0];
  return { start, end, text: quote === undefined ? plain(value) : `${quote}${value}${quote}` };
}

function insertAfter(map: TreeMap, anchor: TreeEntry, key: string, value: string): Edit {
  const { file, end } = anchor.value.span;
  const pair = `${key}: ${plain(value)}`;
  if (map.flow) return { start: end, end, text: `, ${pair}` };
  // Below whatever comment ends the line.
  const lineEnd = endOfLine(file, end);
  const indent = ' '.repeat(file.position(anchor.keySpan.start).column - 1);
  return { start: lineEnd, end: lineEnd, text: `${lineBreak(file)}${indent}${pair}` };
}

const isOneLine = ({ value: { span, type } }: TreeEntry): boolean =>
  type === 'scalar' && !span.file.text.slice(span.start, span.end).includes('\n');

/** As YAML would write it: in quotes only where it would be read as something else. */
const plain = (value: string): string => new Document(value).toString().trimEnd();

/** Comment lines above the line on which something begins, with its indentation. Undefined when they stand there already. */
export function commentAbove({ file, start }: Span, text: string): Edit | undefined {
  const lineStart = file.text.lastIndexOf('\n', start - 1) + 1;
  const indent = /^[ ]*/.exec(file.text.slice(lineStart, start))?.[0] ?? '';
  const lines = wrapped(text, WIDTH - indent.length - '# '.length).map((each) => `# ${each}`);
  const known = new Set(file.text.split('\n').map((each) => each.trim()));
  if (lines.every((each) => known.has(each))) return undefined;
  return {
    start: lineStart,
    end: lineStart,
    text: lines.map((each) => indent + each + lineBreak(file)).join(''),
  };
}

const WIDTH = 100;

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of oneLine(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function endOfLine(file: SourceFile, from: number): number {
  const next = file.text.indexOf('\n', from);
  const end = next === -1 ? file.text.length : next;
  return file.text[end - 1] === '\r' ? end - 1 : end;
}

const lineBreak = (file: SourceFile): string => (file.text.includes('\r\n') ? '\r\n' : '\n');

/** The map that lies exactly there. */
export function mapAt(tree: Tree, { start, end }: Span): TreeMap | undefined {
  if (tree.span.start > start || tree.span.end < end) return undefined;
  if (tree.type === 'map' && tree.span.start === start && tree.span.end === end) return tree;
  const inner =
    tree.type === 'map' ? tree.entries.map(({ value }) => value) : tree.type === 'list' ? tree.items : [];
  for (const each of inner) {
    const found = mapAt(each, { file: each.span.file, start, end });
    if (found !== undefined) return found;
  }
  return undefined;
}
