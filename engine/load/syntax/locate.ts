import type { Span } from '../../source/file.ts';
import type { TreeScalar } from './tree.ts';

/** Part of an expression as a range of the file; all of it where the text was written in another way (escapes, folds). */
export function within(span: Span, source: string, start: number, end: number): Span {
  if (span.file.text.slice(span.start, span.end) !== source) return span;
  // One that ends too early is marked behind it, unless the file ends there as well.
  const last = Math.min(span.start + Math.max(end, start + 1), span.file.text.length);
  return { file: span.file, start: Math.min(span.start + start, last), end: last };
}

/** Where its value begins in what is written; found once, since a text may have thousands of parts. */
const wholes = new WeakMap<TreeScalar, number>();

/** Where a part of a scalar's value stands in the file. Offsets agree unless the scalar is escaped or folded. */
export function locate(tree: TreeScalar, part: string, offset: number): Span {
  const { file, start, end } = tree.span;
  const raw = file.text.slice(start, end);
  const whole = wholes.get(tree) ?? raw.indexOf(String(tree.value));
  wholes.set(tree, whole);
  const found = whole === -1 ? raw.indexOf(part) : raw.indexOf(part, whole + offset);
  if (found === -1) return tree.span;
  return { file, start: start + found, end: start + found + part.length };
}
