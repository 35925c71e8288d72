import { isMap, isScalar, isSeq } from 'yaml';
import type { Document, Pair } from 'yaml';
import type { SourceFile, Span } from '../../source/file.ts';

/** Keys whose values are expressions, bare. */
const EXPRESSION_KEYS = ['that', 'when', 'pick', 'default', 'failWhen', 'expectFailure'];

const LINE_VALUE = /^(\s*(?:- +)*(?:[{,]\s*)?(?:"[^"]*"|'[^']*'|[A-Za-z][\w.-]*) *: +)(\S.*?)\s*$/;

/**
 * Values that were meant as an expression or a template and that YAML takes apart: a `? :`,
 * a leading `!`, `[`, `{` or quote, `${{ }}` between braces, a comma in `{ that: a, b }`.
 * The parser has up to a hundred complaints about one of them; the place of the value says it all.
 */
export function findTraps(file: SourceFile, document: Document.Parsed): readonly Span[] {
  const traps = new Map<number, Span>();
  for (const { pos } of [...document.errors, ...document.warnings]) {
    const span = trapInLine(file, pos[0]);
    if (span !== undefined) traps.set(span.start, span);
  }
  for (const span of commas(file, document.contents)) traps.set(span.start, span);
  return [...traps.values()];
}

function trapInLine(file: SourceFile, offset: number): Span | undefined {
  const { line, column } = file.position(offset);
  const text = file.line(line);
  const match = LINE_VALUE.exec(text);
  if (match === null) return undefined;
  const [, lead = '', value = ''] = match;
  const key = /([\w.-]+)["']? *: +$/.exec(lead)?.[1] ?? '';
  if (!isTaken(value, EXPRESSION_KEYS.includes(key), lead.includes('{') || lead.includes(',')))
    return undefined;
  const start = offset - (column - 1) + lead.length;
  return { file, start, end: start + value.length };
}

/**
 * Whether YAML takes this very value apart. After a first mistake the parser complains of sound
 * lines too, and they must not be named: whoever quoted them would look at the wrong place.
 */
function isTaken(value: string, isExpression: boolean, inFlow: boolean): boolean {
  const rest = /^(?:"(?:[^"\\]|\\.)*"|'[^']*')(.*)$/.exec(value)?.[1];
  if (rest !== undefined) return isExpression && !/^\s*(?:$|[,}\]#])/.test(rest);
  const unquoted = value.replace(/"[^"]*"|'[^']*'/g, '""');
  const own = inFlow ? (unquoted.split(/, *(?=\w+ *:)/)[0] ?? unquoted) : unquoted;
  const isTemplate = own.includes('${{') && (inFlow || /^[[{]|: | #/.test(own));
  return isTemplate || (isExpression && (/^[![{*&]|[?:] /.test(own) || (inFlow && /[[\]{]/.test(own))));
}

/** In `{ that: a, b }` the comma silently begins a key `b` without a value. */
function commas(file: SourceFile, node: unknown, found: Span[] = []): readonly Span[] {
  if (isSeq(node)) for (const item of node.items) commas(file, item, found);
  if (!isMap(node)) return found;
  const comma = node.flow === true ? commaIn(file, node.items) : undefined;
  if (comma !== undefined) found.push(comma);
  for (const { key, value } of node.items) {
    commas(file, key, found);
    commas(file, value, found);
  }
  return found;
}

function commaIn(file: SourceFile, pairs: readonly Pair[]): Span | undefined {
  const [first] = pairs.filter(({ key }) => isScalar(key) && EXPRESSION_KEYS.includes(String(key.value)));
  const bare = pairs.filter(
    ({ value }) => value === null || (isScalar(value) && value.value === null && value.source === ''),
  );
  const last = bare.at(-1)?.key;
  if (first === undefined || !isScalar(first.value) || !isScalar(last)) return undefined;
  const start = first.value.range?.[0];
  const end = last.range?.[1];
  return start !== undefined && end !== undefined && end > start ? { file, start, end } : undefined;
}
