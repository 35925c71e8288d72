import { parseExpression } from './parse.ts';
import type { ExpressionProblem } from './parse.ts';

/** A piece of a template; offsets into its text. */
export type TemplatePart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'expression'; readonly source: string; readonly start: number; readonly end: number }
  | { readonly type: 'problem'; readonly problem: ExpressionProblem };

export const hasTemplate = (text: string): boolean => text.includes('${{');

/**
 * Splits a text at its `${{ … }}`. Where one ends is found by parsing what stands
 * before each `}}`, because `}}` also ends objects and may stand in texts.
 */
export function splitTemplate(text: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let at = 0;
  let problems = 0;
  while (at < text.length && problems < MAX_PROBLEMS) {
    const open = text.indexOf('${{', at);
    if (open === -1) break;
    if (open > at) parts.push({ type: 'text', text: text.slice(at, open) });
    const { part, next } = readExpression(text, open + 3);
    parts.push(part);
    if (part.type === 'problem') problems++;
    at = next;
  }
  if (at < text.length) parts.push({ type: 'text', text: text.slice(at) });
  return parts;
}

/** After so many the rest of a text is not tried: nothing can be done with it anyway, and it may be long. */
const MAX_PROBLEMS = 10;

/** No expression holds more `}}` than this; a text that does is not tried to its end. */
const MAX_ENDS = 50;

function readExpression(text: string, start: number): { part: TemplatePart; next: number } {
  const limit = text.indexOf('${{', start);
  let problem: ExpressionProblem | undefined;
  let firstEnd = -1;
  let end = text.indexOf('}}', start);
  for (let tries = 0; end !== -1 && tries < MAX_ENDS; tries++, end = text.indexOf('}}', end + 1)) {
    const source = text.slice(start, end);
    const trimmed = source.trim();
    const from = start + source.length - source.trimStart().length;
    const result = parseExpression(trimmed);
    if (result.ok) {
      const part = { type: 'expression', source: trimmed, start: from, end: from + trimmed.length } as const;
      return { part, next: end + 2 };
    }
    const found = moved(result.error, from);
    if (found.kind === 'type') return { part: { type: 'problem', problem: found }, next: end + 2 };
    if (firstEnd === -1) firstEnd = end;
    const isOwn = limit === -1 || end <= limit || end === firstEnd;
    if (isOwn && (problem === undefined || found.start > problem.start)) problem = found;
  }
  if (problem !== undefined) return { part: { type: 'problem', problem }, next: firstEnd + 2 };
  return {
    part: {
      type: 'problem',
      problem: { kind: 'syntax', message: '"${{" without "}}"', start: start - 3, end: start },
    },
    next: limit === -1 ? text.length : limit,
  };
}

const moved = (problem: ExpressionProblem, by: number): ExpressionProblem => ({
  ...problem,
  start: problem.start + by,
  end: problem.end + by,
});
