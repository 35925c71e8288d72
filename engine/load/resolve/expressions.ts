import { parseExpression } from '../../expression/parse.ts';
import type { ExpressionProblem, ParsedExpression } from '../../expression/parse.ts';
import { NAMES } from '../../expression/types.ts';
import type { StaticType } from '../../expression/types.ts';
import type { Expression } from '../../model/template.ts';
import type { Span } from '../../source/file.ts';
import { locate, within } from '../syntax/locate.ts';
import type { Tree } from '../syntax/tree.ts';
import { checkReferences } from './references.ts';
import { checkedType } from './types.ts';
import type { ExpressionPlace, Unit } from './unit.ts';

/** What stands for an expression that could not be read; its error is in the report. */
const nothing = (span: Span): Expression => ({ source: 'null', span });

/** A value of the playbook that is an expression as a whole. `condition`: it must be true or false. */
export function expressionAt(
  tree: Tree,
  unit: Unit,
  place: ExpressionPlace,
  wanted?: 'condition',
): Expression {
  if (tree.type !== 'scalar' || tree.value === null) {
    if (tree.type === 'scalar') {
      unit.watcher?.value(tree, true, unit, place);
      unit.report.error('DB040', tree.span, 'An expression is missing here');
    }
    return nothing(tree.span);
  }
  unit.watcher?.value(tree, true, unit, place);
  const source = String(tree.value).trim();
  if (source.startsWith('${{')) {
    unit.report.error('DB032', tree.span, 'An expression is written bare here, without "${{ }}"', {
      hint: `Write ${source.replace(/^\$\{\{\s*/, '').replace(/\s*\}\}$/, '')}`,
    });
    return nothing(tree.span);
  }
  const span = locate(tree, source, 0);
  const checked = checkedExpression(source, span, unit, place);
  if (checked === undefined) return nothing(tree.span);
  if (wanted === 'condition' && checked.type !== undefined && checked.type !== 'boolean') {
    unit.report.error('DB045', span, `A condition is true or false, and this is ${NAMES[checked.type]}`);
  }
  return { source, span };
}

export interface CheckedExpression {
  readonly parsed: ParsedExpression;
  readonly type: StaticType;
}

/** Parses an expression and checks what it asks for. Undefined when it does not parse. */
export function checkedExpression(
  source: string,
  span: Span,
  unit: Unit,
  place: ExpressionPlace,
): CheckedExpression | undefined {
  const result = parseExpression(source);
  if (!result.ok) {
    reportProblem(result.error, source, span, unit);
    return undefined;
  }
  checkReferences(result.value, span, unit, place);
  return { parsed: result.value, type: checkedType(result.value, span, unit, place) };
}

export function reportProblem(problem: ExpressionProblem, source: string, span: Span, unit: Unit): void {
  const code = problem.kind === 'syntax' ? 'DB040' : 'DB045';
  unit.report.error(code, within(span, source, problem.start, problem.end), sentence(problem.message), {
    hint: problem.hint ?? singleEquals(source, problem),
  });
}

const singleEquals = (source: string, problem: ExpressionProblem): string | undefined =>
  source[problem.start] === '=' && source[problem.start - 1] !== '='
    ? 'Two values are compared with "==".'
    : undefined;

const sentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1);
