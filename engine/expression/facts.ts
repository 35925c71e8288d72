import type { ASTNode } from '@marcbachmann/cel-js';
import { COMPREHENSIONS, OPTIONAL_METHODS } from './macros.ts';
import { staticPath } from './path.ts';
import type { NamePath } from './path.ts';

/** Something that is known where a part of an expression stands, because what stands before it asks. */
export type Fact =
  /** There is a value under this name: it was asked for, or has been used already. */
  | { readonly type: 'there'; readonly path: NamePath }
  /** The name stands for one of these texts. */
  | { readonly type: 'is'; readonly path: NamePath; readonly texts: readonly string[] }
  /** The comparison of a name with a whole number holds, or does not. */
  | {
      readonly type: 'compared';
      readonly path: NamePath;
      readonly operator: Comparison;
      readonly with: number;
      readonly holds: boolean;
    }
  /** A condition, as it is written, holds or does not. */
  | { readonly type: 'held'; readonly text: string; readonly holds: boolean };

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;

export type Comparison = (typeof COMPARISONS)[number];

const NOTHING_BOUND: ReadonlySet<string> = new Set();

/** What follows from a condition that holds, or does not. `bound`: names that mean something else in it. */
export function factsOf(
  node: ASTNode,
  holds: boolean,
  bound: ReadonlySet<string> = NOTHING_BOUND,
): readonly Fact[] {
  if (node.op === '!_') return factsOf(node.args, !holds, bound);
  if ((node.op === '&&' && holds) || (node.op === '||' && !holds)) {
    return node.args.flatMap((side) => factsOf(side, holds, bound));
  }
  const text = node.input.slice(node.start, node.end).trim();
  const found: Fact[] = [
    { type: 'held', text, holds },
    ...used(node).map((path): Fact => ({ type: 'there', path })),
    ...(holds ? presence(node) : []),
    ...choice(node, holds),
    ...comparison(node, holds),
  ];
  return found.filter((fact) => fact.type === 'held' || !bound.has(String(fact.path[0])));
}

/** `has(a.b)`, `a.?b.hasValue()`. */
function presence(node: ASTNode): readonly Fact[] {
  const asked =
    node.op === 'call' && node.args[0] === 'has'
      ? node.args[1][0]
      : node.op === 'rcall' && node.args[0] === 'hasValue'
        ? node.args[1]
        : undefined;
  const path = asked === undefined ? undefined : staticPath(asked, 'optional too');
  return path === undefined ? [] : [{ type: 'there', path }];
}

/** `a.b == "x"`, `a.b in ["x", "y"]`, and `!=` where it does not hold. */
function choice(node: ASTNode, holds: boolean): readonly Fact[] {
  if (node.op === 'in') {
    const [name, list] = node.args;
    const texts = list.op === 'list' ? list.args.map(textOf) : [];
    return holds && texts.length > 0 && texts.every((text) => text !== undefined) ? is(name, texts) : [];
  }
  if (node.op !== (holds ? '==' : '!=')) return [];
  const [left, right] = node.args;
  const text = textOf(right) ?? textOf(left);
  return text === undefined ? [] : is(textOf(right) === undefined ? right : left, [text]);
}

/** `a.b > 0`, the name on the left. */
function comparison(node: ASTNode, holds: boolean): readonly Fact[] {
  const operator = COMPARISONS.find((each) => each === node.op);
  if (operator === undefined || !Array.isArray(node.args)) return [];
  const [left, right] = node.args as [ASTNode, ASTNode];
  const path = staticPath(left);
  if (path === undefined || right.op !== 'value' || typeof right.args !== 'bigint') return [];
  return [{ type: 'compared', path, operator, with: Number(right.args), holds }];
}

function is(name: ASTNode, texts: readonly string[]): readonly Fact[] {
  const path = staticPath(name, 'optional too');
  return path === undefined ? [] : [{ type: 'is', path, texts }];
}

const textOf = (node: ASTNode): string | undefined =>
  node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;

/** The names without which this has no value at all, whatever it is: had one been missing, it would have failed. */
function used(node: ASTNode): readonly NamePath[] {
  switch (node.op) {
    case 'value':
    case '&&':
    case '||':
    case 'map':
      return [];
    case 'id':
    case '.':
    case '[]': {
      const path = staticPath(node);
      if (path !== undefined) return [path];
      return node.op === 'id' ? [] : used(node.args[0]);
    }
    case '.?':
    case '[?]':
      return [];
    case '?:':
      return used(node.args[0]);
    case '!_':
    case '-_':
      return used(node.args);
    case 'call':
      return node.args[0] === 'has' ? [] : node.args[1].flatMap(used);
    case 'rcall': {
      const [name, receiver, parameters] = node.args;
      if (OPTIONAL_METHODS.has(name)) return [];
      return [...used(receiver), ...(COMPREHENSIONS.has(name) ? [] : parameters.flatMap(used))];
    }
    default:
      return node.args.flatMap(used);
  }
}
