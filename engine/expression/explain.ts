import type { EvaluationError as CelError, ASTNode } from '@marcbachmann/cel-js';
import { isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import type { Scope } from '../model/ports.ts';
import { nearest } from '../source/nearest.ts';
import { parseExpression, plainMessage, wrongCallOf } from './parse.ts';
import type { ParsedExpression } from './parse.ts';
import { fromCel, toCel } from './values.ts';

/** An error of an evaluation in words: for a missing member what there is instead, and what was probably meant. */
export function explain(error: CelError, expression: ParsedExpression, scope: Scope): string {
  if (error.code === 'unknown_variable') return unknownName(error, scope);
  if (error.code === 'no_such_key') return missingMember(error, scope) ?? plainMessage(error.summary);
  const call = wrongCallOf(error.summary);
  if (call !== undefined) return `${call.message}. ${call.hint}`;
  const text = plainMessage(error.summary);
  const { start, end } = error.range ?? { start: 0, end: 0 };
  const part = expression.source.slice(start, end);
  return part === '' || part === expression.source ? text : `${text}, in ${part}`;
}

function unknownName(error: CelError, scope: Scope): string {
  const name = error.node?.op === 'id' ? error.node.args : '';
  return `"${name}" has no value here${meant(name, Object.keys(scope))}`;
}

function missingMember(error: CelError, scope: Scope): string | undefined {
  const node = error.node;
  if (node === undefined || !('input' in node)) return undefined;
  const member = missingAccess(node, error);
  if (member === undefined) return undefined;
  const source = member.container.input.slice(member.container.start, member.container.end);
  const container = valueOf(source, scope);
  if (container === undefined) return `${source} has no "${member.name}"`;
  const step = stepWithoutOutput(member.container, member.name, container);
  if (step !== undefined) return step;
  if (!isValueMap(container)) return `${source} is not an object, so it has no "${member.name}"`;
  const keys = Object.keys(container);
  const has = keys.length === 0 ? 'it is empty' : `it has ${list(keys)}`;
  return `${source} has no "${member.name}"; ${has}${meant(member.name, keys)}`;
}

function missingAccess(
  node: ASTNode,
  error: CelError,
): { readonly container: ASTNode; readonly name: string } | undefined {
  if (node.op === '.' || node.op === '.?') return { container: node.args[0], name: node.args[1] };
  if (node.op === '[]' || node.op === '[?]') {
    const name = /^No such key: (.*)$/s.exec(error.summary)?.[1] ?? '';
    return { container: node.args[0], name };
  }
  return undefined;
}

/** «steps.x has no "output"» helps nobody at night; that the step was skipped does. */
function stepWithoutOutput(container: ASTNode, name: string, value: Value): string | undefined {
  if (name !== 'output' || container.op !== '.' || !isValueMap(value)) return undefined;
  const [left, id] = container.args;
  if (left.op !== 'id' || left.args !== 'steps') return undefined;
  const outcome = value['outcome'];
  const because = typeof outcome === 'string' ? `its outcome is ${outcome}` : 'it has not run';
  return `the step "${id}" has no output: ${because}`;
}

/** Undefined for what has names of its own: an item inside a comprehension. */
function valueOf(source: string, scope: Scope): Value | undefined {
  const parsed = parseExpression(source);
  if (!parsed.ok) return undefined;
  const names = new Map<string, unknown>();
  try {
    for (const { root } of parsed.value.references) {
      const value = Object.hasOwn(scope, root) ? scope[root] : undefined;
      if (value !== undefined) names.set(root, toCel(value));
    }
    return fromCel(parsed.value.run(names));
  } catch {
    return undefined;
  }
}

const SHOWN = 12;

function list(keys: readonly string[]): string {
  const shown = keys.slice(0, SHOWN).join(', ');
  return keys.length > SHOWN ? `${shown} and ${String(keys.length - SHOWN)} more` : shown;
}

function meant(name: string, candidates: readonly string[]): string {
  const candidate = nearest(name, candidates);
  return candidate === undefined ? '' : `. Did you mean "${candidate}"?`;
}
