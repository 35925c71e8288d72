import { EvaluationError as CelError } from '@marcbachmann/cel-js';
import { isValueList, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { dataMap } from '../model/handle.ts';
import { EvaluationError } from '../model/ports.ts';
import type { Evaluator, Scope } from '../model/ports.ts';
import type { Expression, Template } from '../model/template.ts';
import { explain } from './explain.ts';
import { TooMuchWork, spend, textSteps, withBudget } from './budget.ts';
import { FunctionError } from './function-error.ts';
import { asksFor, namesIn, parseExpression } from './parse.ts';
import type { ParsedExpression } from './parse.ts';
import type { Reference } from './references.ts';
import { staticPath } from './path.ts';
import { SecretInText, valueText } from './text.ts';
import { fromCel, toCel } from './values.ts';

/**
 * Evaluates expressions and templates. Parsed expressions are cached by their text for
 * the life of the process; values are never cached, so a scope may change between calls.
 */
export function createEvaluator(): Evaluator {
  return {
    evaluate,
    render: (template, scope) => withBudget(() => render(template, scope)),
    asksFor: ({ source }, name) => asksFor(source, name),
    namesIn: ({ source }) => namesIn(source),
    test(expression, scope) {
      const value = evaluate(expression, scope);
      if (typeof value === 'boolean') return value;
      throw new EvaluationError(`gives ${describe(value)}, which is neither true nor false`, expression);
    },
  };
}

function evaluate(expression: Expression, scope: Scope): Value {
  const result = parseExpression(expression.source);
  if (!result.ok) throw new EvaluationError(result.error.message, expression);
  const parsed = result.value;
  return withBudget(() => {
    try {
      return memberAsked(parsed, scope) ?? fromCel(parsed.run(neededNames(parsed, scope)));
    } catch (error) {
      if (error instanceof CelError) {
        throw new EvaluationError(explain(error, parsed, scope), expression, error);
      }
      if (error instanceof RangeError && error.message.includes('call stack')) {
        throw new EvaluationError('gives a value that nests too deeply', expression, error);
      }
      if (
        error instanceof FunctionError ||
        error instanceof TooMuchWork ||
        error instanceof SecretInText ||
        error instanceof TypeError ||
        error instanceof RangeError
      ) {
        throw new EvaluationError(error.message, expression, error);
      }
      throw error;
    }
  });
}

/** What an expression that only names something asks for, without converting all that is in it; else undefined. */
function memberAsked(parsed: ParsedExpression, scope: Scope): Value | undefined {
  const path = staticPath(parsed.ast);
  if (path === undefined) return undefined;
  let at: Value | undefined = scope;
  for (const name of path) {
    if (typeof name === 'number') at = isValueList(at) ? at[name] : undefined;
    else at = isValueMap(at) && Object.hasOwn(at, name) ? at[name] : undefined;
    if (at === undefined) return undefined;
  }
  return at;
}

function render(template: Template, scope: Scope): Value {
  switch (template.type) {
    case 'literal':
      return template.value;
    case 'expression':
      return evaluate(template.expression, scope);
    case 'text':
      return template.parts.map((part) => textPart(part, scope)).join('');
    case 'list':
      return template.items.map((item) => render(item, scope));
    case 'map':
      return dataMap(template.entries.map(({ key, value }) => [key, render(value, scope)] as const));
  }
}

function textPart(part: string | Expression, scope: Scope): string {
  if (typeof part === 'string') return part;
  const value = evaluate(part, scope);
  try {
    const text = valueText(value);
    spend(textSteps(text));
    return text;
  } catch (error) {
    if (error instanceof SecretInText || error instanceof TooMuchWork) {
      throw new EvaluationError(error.message, part, error);
    }
    throw error;
  }
}

/** What of the scope an expression asks for: `true` for all of it, else by member. */
type Needs = Map<string, Needs | true>;

const needsOf = new WeakMap<ParsedExpression, Needs>();

/**
 * Only what the expression refers to is converted: a scope holds the output of every
 * step so far, an expression asks for a few members of one.
 */
function neededNames(expression: ParsedExpression, scope: Scope): ReadonlyMap<string, unknown> {
  let needs = needsOf.get(expression);
  if (needs === undefined) {
    needs = new Map();
    for (const reference of expression.references) addNeed(needs, reference);
    needsOf.set(expression, needs);
  }
  return convertMembers(scope, needs);
}

function addNeed(needs: Needs, reference: Reference): void {
  const names = [reference.root, ...membersOf(reference)];
  let at = needs;
  for (const [index, name] of names.entries()) {
    const known = at.get(name);
    if (known === true) return;
    if (index === names.length - 1) {
      at.set(name, true);
      return;
    }
    const next = known ?? (new Map() as Needs);
    at.set(name, next);
    at = next;
  }
}

/** The members up to the first place in a list. */
function membersOf(reference: Reference): readonly string[] {
  const names: string[] = [];
  for (const { name } of reference.path) {
    if (typeof name === 'number') break;
    names.push(name);
  }
  return names;
}

function convertMembers(from: Scope, needs: Needs): Map<string, unknown> {
  const names = new Map<string, unknown>();
  for (const [name, need] of needs) {
    if (!Object.hasOwn(from, name)) continue;
    const value = from[name];
    if (value === undefined) continue;
    names.set(name, need !== true && isValueMap(value) ? convertMembers(value, need) : toCel(value));
  }
  return names;
}

function describe(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${String(value)}`;
  return Array.isArray(value) ? 'a list' : 'an object';
}
