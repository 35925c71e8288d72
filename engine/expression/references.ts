import type { ASTNode } from '@marcbachmann/cel-js';
import { factsOf } from './facts.ts';
import type { Fact } from './facts.ts';
import { COMPREHENSIONS, OPTIONAL_METHODS } from './macros.ts';

/** A name in an expression with the members asked of it: `steps.restore.output.rows[0].id`. Offsets are into the expression. */
export interface Reference {
  readonly root: string;
  /** Up to the first member that is only known when it is evaluated. A number is a place in a list. */
  readonly path: readonly Segment[];
  readonly start: number;
  readonly end: number;
  /** Asked with `has()` or `.?`: it may be missing. */
  readonly optional: boolean;
  /** Becomes part of something else here: an operand of `+`, an argument of a function. */
  readonly mixed: boolean;
  /** What the expression has asked before it comes to this. */
  readonly facts: readonly Fact[];
}

export interface Segment {
  readonly name: string | number;
  readonly start: number;
  readonly end: number;
}

/** Names that the language itself gives. */
const LANGUAGE_NAMES = new Set([
  ...['string', 'bool', 'int', 'uint', 'double', 'map', 'list', 'bytes', 'null_type', 'type'],
  ...['cel', 'optional', 'google'],
]);

interface Surroundings {
  /** Names that a comprehension around it has bound. */
  readonly bound: ReadonlySet<string>;
  readonly optional: boolean;
  readonly mixed: boolean;
  readonly facts: readonly Fact[];
}

/** Every use of a name that the expression does not bind itself. */
export function findReferences(ast: ASTNode): readonly Reference[] {
  const found: Reference[] = [];
  walk(ast, { bound: new Set(), optional: false, mixed: false, facts: [] }, found);
  return found;
}

function walk(node: ASTNode, around: Surroundings, found: Reference[]): void {
  switch (node.op) {
    case 'value':
      return;
    case 'id':
    case '.':
    case '.?':
    case '[]':
    case '[?]':
      walkAccess(node, around, found);
      return;
    case 'call': {
      const [name, parameters] = node.args;
      const inside = name === 'has' ? { ...around, optional: true } : mixedIn(around);
      for (const parameter of parameters) walk(parameter, inside, found);
      return;
    }
    case 'rcall':
      walkMethod(node, around, found);
      return;
    case 'list':
      for (const item of node.args) walk(item, around, found);
      return;
    case 'map':
      for (const [key, value] of node.args) {
        walk(key, around, found);
        walk(value, around, found);
      }
      return;
    case '?:': {
      const [condition, yes, no] = node.args;
      walk(condition, around, found);
      walk(yes, knowing(condition, true, around), found);
      walk(no, knowing(condition, false, around), found);
      return;
    }
    case '&&':
    case '||': {
      const [left, right] = node.args;
      walk(left, around, found);
      walk(right, knowing(left, node.op === '&&', around), found);
      return;
    }
    case '!_':
    case '-_':
      walk(node.args, around, found);
      return;
    case '+':
      for (const operand of node.args) walk(operand, mixedIn(around), found);
      return;
    default:
      for (const operand of node.args) walk(operand, around, found);
  }
}

/** What comes after a condition that holds, or does not. */
const knowing = (condition: ASTNode, holds: boolean, around: Surroundings): Surroundings => ({
  ...around,
  facts: [...around.facts, ...factsOf(condition, holds, around.bound)],
});

const mixedIn = (around: Surroundings): Surroundings => ({ ...around, mixed: true });

function walkMethod(node: ASTNode & { op: 'rcall' }, around: Surroundings, found: Reference[]): void {
  const [name, receiver, parameters] = node.args;
  const [first, ...rest] = parameters;
  const binds =
    COMPREHENSIONS.has(name) || (name === 'bind' && receiver.op === 'id' && receiver.args === 'cel');
  const optional = OPTIONAL_METHODS.has(name);
  walk(receiver, optional ? around : mixedIn(around), found);
  if (binds && first?.op === 'id') {
    const inside = { ...around, bound: new Set([...around.bound, first.args]) };
    for (const parameter of rest) walk(parameter, inside, found);
    return;
  }
  for (const parameter of parameters) walk(parameter, optional ? around : mixedIn(around), found);
}

function walkAccess(node: ASTNode, around: Surroundings, found: Reference[]): void {
  const path: Segment[] = [];
  let at = node;
  let optional = around.optional;
  let end = node.end;
  for (;;) {
    if (at.op === '.' || at.op === '.?') {
      const [left, name] = at.args;
      path.unshift({ name, start: at.end - name.length, end: at.end });
      optional ||= at.op === '.?';
      at = left;
    } else if (at.op === '[]' || at.op === '[?]') {
      const [left, index] = at.args;
      const segment = literalIndex(index);
      if (segment === undefined) {
        walk(index, { ...around, optional: false, mixed: false }, found);
        path.length = 0;
        end = left.end;
      } else {
        path.unshift({ name: segment, start: index.start, end: index.end });
      }
      optional ||= at.op === '[?]';
      at = left;
    } else {
      break;
    }
  }
  if (at.op !== 'id') {
    walk(at, around, found);
    return;
  }
  const root = at.args;
  if (around.bound.has(root) || (LANGUAGE_NAMES.has(root) && path.length === 0)) return;
  found.push({ root, path, start: at.start, end, optional, mixed: around.mixed, facts: around.facts });
}

function literalIndex(node: ASTNode): string | number | undefined {
  if (node.op !== 'value') return undefined;
  if (typeof node.args === 'string') return node.args;
  return typeof node.args === 'bigint' ? Number(node.args) : undefined;
}
