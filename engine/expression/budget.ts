import type { ASTNode } from '@marcbachmann/cel-js';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';

/** An evaluation was given up because it is too much work. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork';

  constructor() {
    super(
      'takes more work than an expression may do: let the step give less, or go over the items with forEach',
    );
  }
}

/**
 * What one evaluation may do, in steps of about ten nanoseconds. While it is at work nothing else is: no
 * key is read, no timeout strikes. Counted and not timed, so that the same values give the same result
 * on a slow machine.
 */
const MAX_STEPS = 30_000_000;

let left = MAX_STEPS;
let depth = 0;

/** Gives what is evaluated inside, values of `let` included, one budget together. */
export function withBudget<T>(work: () => T): T {
  if (depth === 0) left = MAX_STEPS;
  depth++;
  try {
    return work();
  } finally {
    depth--;
  }
}

/** Takes steps from the budget. Throws `TooMuchWork` when there are none left. */
export function spend(steps: number): void {
  left -= steps;
  if (left < 0) throw new TooMuchWork();
}

/** Steps for each node of an expression that is evaluated, and for each value that is converted or compared. */
const NODE = 20;
export const VALUE = 10;

/** Steps for an error of one part that the rest goes on after: the library words it, with the whole expression. */
const ERROR = 1000;

/** Steps for a text that is copied or compared. */
export const textSteps = (text: string): number => text.length >> 4;

/** What an operation looks at of an operand, beside the operand itself. */
type Looks = 'whole' | 'items' | 'characters';

const LOOKS: ReadonlyMap<string, Looks> = new Map([
  ...['==', '!=', 'in'].map((operator) => [operator, 'whole'] as const),
  ...['min', 'max', 'sort', 'join'].map((name) => [name, 'items'] as const),
]);

const looked = Symbol('looked');

interface Operand {
  [looked]?: Looks;
}

/** Notes at the operands of a node how much of them its operation looks at. */
export function markOperands(node: ASTNode, operands: readonly ASTNode[]): void {
  const name = node.op === 'call' || node.op === 'rcall' ? node.args[0] : node.op;
  const looks = LOOKS.get(name) ?? (node.op === 'call' || node.op === 'rcall' ? 'characters' : undefined);
  if (looks !== undefined) for (const operand of operands) (operand as Operand)[looked] = looks;
}

/** The part of the library's evaluator that every node of an expression but the outermost goes through. */
export interface NodeRunner {
  run(
    node: ASTNode & { evaluate(runner: NodeRunner, node: ASTNode, context: unknown): unknown },
    context: unknown,
  ): unknown;
  tryEval(node: Parameters<NodeRunner['run']>[0], context: unknown): unknown;
}

/** Makes the library pay for each node out of the budget. It has no limit of its own for an evaluation. */
export function countSteps(runner: NodeRunner): void {
  runner.run = (node, context) => {
    spend(NODE);
    const value = node.evaluate(runner, node, context);
    const looks = (node as Operand)[looked];
    if (looks !== undefined) spendOn(value, looks);
    if (node.op === '+' || node.op === 'call' || node.op === 'rcall') spendOnResult(value);
    return value;
  };
  // `&&`, `||`, `all` and `exists` go on after an error of one part. After this one there is no going on.
  runner.tryEval = (node, context) => {
    try {
      return runner.run(node, context);
    } catch (error) {
      if (error instanceof TooMuchWork) throw error;
      spend(ERROR + 2 * node.input.length);
      return error;
    }
  };
}

function spendOn(value: unknown, looks: Looks): void {
  if (looks === 'whole') spendOnWhole(value);
  else if (typeof value === 'string') spend(looks === 'items' ? textSteps(value) : 2 * value.length);
  else if (looks === 'items' && Array.isArray(value)) spend(value.length * VALUE);
  else if (value instanceof Map) spend(value.size);
}

function spendOnResult(value: unknown): void {
  if (typeof value === 'string') spend(textSteps(value));
  else if (Array.isArray(value)) spend(value.length);
}

/** All that is in a value, as a comparison looks at it. */
function spendOnWhole(value: unknown): void {
  spend(VALUE);
  if (typeof value === 'string') spend(textSteps(value));
  else if (Array.isArray(value)) for (const item of value) spendOnWhole(item);
  else if (value instanceof Map) for (const member of value.values()) spendOnWhole(member);
  else if (value instanceof Uint8Array) spend(value.length >> 4);
  else if (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Instant || value instanceof Duration)
  ) {
    for (const member of Object.values(value)) spendOnWhole(member);
  }
}
