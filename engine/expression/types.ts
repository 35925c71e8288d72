import type { ASTNode } from '@marcbachmann/cel-js';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { nearest } from '../source/nearest.ts';
import type { ParsedExpression } from './parse.ts';
import { patternProblem } from './patterns.ts';
import { staticPath } from './path.ts';
import type { NamePath } from './path.ts';

/** What can be told of a value before there is one; undefined: anything. */
export type StaticType = 'number' | 'text' | 'boolean' | 'time' | 'duration' | 'list' | 'object' | undefined;

/** What is known beforehand of the names that an expression asks for. */
export interface KnownNames {
  typeOf(path: NamePath): StaticType;
  /** The texts that a value may be, where they are few and known. */
  choicesOf(path: NamePath): readonly string[] | undefined;
  /** The codes that an error may have: words that are known, and those of a provider that nobody lists. */
  codesOf(
    path: NamePath,
  ): { readonly words: readonly string[]; readonly isOpen: (code: string) => boolean } | undefined;
}

/** Values that cannot go together, or a text that is no time; offsets into the expression. */
export interface TypeProblem {
  readonly kind: 'type' | 'time' | 'duration' | 'code' | 'pattern';
  /** For `time` and `duration`, the text that is none; for `pattern`, what is wrong with it. */
  readonly message: string;
  readonly hint?: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds operators between values that cannot go together, as far as it is known what there
 * will be: `output.status == "200"` is never true. Gives the type of the whole.
 */
export function checkTypes(
  parsed: ParsedExpression,
  known: KnownNames,
): { readonly type: StaticType; readonly problems: readonly TypeProblem[] } {
  const check = new TypeCheck(known);
  return { type: check.type(parsed.ast), problems: check.problems };
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];

const RESULTS: Readonly<Record<string, StaticType>> = {
  ...{ size: 'number', int: 'number', double: 'number', indexOf: 'number', lastIndexOf: 'number' },
  ...{ getHours: 'number', getMinutes: 'number', getSeconds: 'number', getMilliseconds: 'number' },
  ...{ text: 'text', string: 'text', format: 'text', join: 'text', capture: 'text', trim: 'text' },
  ...{ lowerAscii: 'text', upperAscii: 'text', substring: 'text' },
  ...{ duration: 'duration', timestamp: 'time', sort: 'list', map: 'list', filter: 'list', split: 'list' },
  ...{ has: 'boolean', contains: 'boolean', startsWith: 'boolean', endsWith: 'boolean', matches: 'boolean' },
  ...{ all: 'boolean', exists: 'boolean', exists_one: 'boolean', hasValue: 'boolean', bool: 'boolean' },
};

/** A name that a comprehension has bound, and the list whose items it is, where that has a path. */
interface Binding {
  readonly name: string;
  readonly list: NamePath | undefined;
}

/** Some functions have another name once the expression is parsed: `duration_`. */
const resultOf = (name: string): StaticType => RESULTS[name.replace(/_$/, '')];

class TypeCheck {
  readonly problems: TypeProblem[] = [];
  readonly #known: KnownNames;
  /** Names that comprehensions around have bound. */
  readonly #bound: Binding[] = [];

  constructor(known: KnownNames) {
    this.#known = known;
  }

  type(node: ASTNode): StaticType {
    switch (node.op) {
      case 'value':
        return literalType(node.args);
      case 'id':
      case '.':
      case '[]':
        return this.#accessType(node);
      case 'call': {
        const [name, parameters] = node.args;
        if (name !== 'has') for (const parameter of parameters) this.type(parameter);
        this.#checkLiteral(name, parameters[0]);
        if (name === 'capture') this.#checkPattern(parameters[1]);
        return resultOf(name);
      }
      case 'rcall':
        return this.#methodType(node);
      case '&&':
      case '||':
        for (const side of node.args) this.#wantBoolean(side);
        return 'boolean';
      case '!_':
        this.#wantBoolean(node.args);
        return 'boolean';
      case '-_':
        return this.type(node.args);
      case '?:': {
        const [condition, yes, no] = node.args;
        this.#wantBoolean(condition);
        const left = this.type(yes);
        return this.type(no) === left ? left : undefined;
      }
      case 'list':
        for (const item of node.args) this.type(item);
        return 'list';
      case 'map':
        return 'object';
      case 'in': {
        const [side, list] = node.args;
        for (const part of node.args) this.type(part);
        if (list.op === 'list') for (const item of list.args) this.#checkChoice(side, item);
        return 'boolean';
      }
      case '.?':
      case '[?]':
        return undefined;
      default:
        return this.#operatorType(node.op, node.args[0], node.args[1], node);
    }
  }

  #operatorType(operator: string, left: ASTNode, right: ASTNode, node: ASTNode): StaticType {
    const a = this.type(left);
    const b = this.type(right);
    const compares = COMPARISONS.includes(operator);
    if (compares) {
      this.#checkChoice(left, right);
      this.#checkChoice(right, left);
    }
    if (a === undefined || b === undefined) return compares ? 'boolean' : undefined;
    const result = compares ? (a === b ? 'boolean' : undefined) : ARITHMETIC.get(`${a} ${operator} ${b}`);
    if (result === undefined) {
      this.#problem(node, `"${operator}" does not go between ${NAMES[a]} and ${NAMES[b]}`);
    }
    return result;
  }

  #wantBoolean(node: ASTNode): void {
    const type = this.type(node);
    if (type !== undefined && type !== 'boolean') {
      this.#problem(node, `This must be true or false, and is ${NAMES[type]}`);
    }
  }

  #methodType(node: ASTNode & { op: 'rcall' }): StaticType {
    const [name, receiver, parameters] = node.args;
    this.type(receiver);
    const [first] = parameters;
    const binds =
      first?.op === 'id' && ['all', 'exists', 'exists_one', 'map', 'filter', 'bind'].includes(name);
    if (binds) this.#bound.push({ name: first.args, list: this.#path(receiver) });
    for (const parameter of binds ? parameters.slice(1) : parameters) this.type(parameter);
    if (binds) this.#bound.pop();
    if (name === 'matches_') this.#checkPattern(first);
    return resultOf(name);
  }

  #accessType(node: ASTNode): StaticType {
    const path = this.#path(node);
    return path === undefined ? undefined : this.#known.typeOf(path);
  }

  #path(node: ASTNode): NamePath | undefined {
    const path = staticPath(node);
    return path === undefined || this.#binding(path) !== undefined ? undefined : path;
  }

  #binding([root]: NamePath): Binding | undefined {
    return this.#bound.findLast(({ name }) => name === root);
  }

  /** Of an item that a comprehension goes over, as of the list's first. */
  #pathThroughItems(node: ASTNode): NamePath | undefined {
    const path = staticPath(node);
    const binding = path === undefined ? undefined : this.#binding(path);
    if (path === undefined || binding === undefined) return path;
    return binding.list === undefined ? undefined : [...binding.list, 0, ...path.slice(1)];
  }

  /** A choice that is held against a value which it never has. */
  #checkChoice(side: ASTNode, other: ASTNode): void {
    if (other.op !== 'value' || typeof other.args !== 'string') return;
    this.#checkCode(side, other, other.args);
    const path = this.#path(side);
    const choices = path === undefined ? undefined : this.#known.choicesOf(path);
    if (choices === undefined || choices.includes(other.args)) return;
    const near = nearest(other.args, choices);
    this.#problem(
      other,
      `"${String(path?.at(-1))}" is never "${other.args}"`,
      near === undefined ? `It is one of ${choices.join(', ')}.` : `Did you mean "${near}"?`,
    );
  }

  /** A code that none of the errors has which can be meant. */
  #checkCode(side: ASTNode, { start, end }: ASTNode, code: string): void {
    const path = this.#pathThroughItems(side);
    const codes = path === undefined ? undefined : this.#known.codesOf(path);
    if (codes === undefined || codes.words.includes(code) || codes.isOpen(code)) return;
    const near = nearest(code, codes.words);
    const hint = near === undefined ? {} : { hint: `Did you mean "${near}"?` };
    this.problems.push({
      kind: 'code',
      message: `No error here has the code "${code}"`,
      ...hint,
      start,
      end,
    });
  }

  /** `timestamp("…")` and `duration("…")` of a text that is there to read already. */
  #checkLiteral(name: string, text: ASTNode | undefined): void {
    if (text?.op !== 'value' || typeof text.args !== 'string') return;
    const { start, end } = text;
    if (name === 'timestamp_' && Instant.parse(text.args) === undefined) {
      this.problems.push({ kind: 'time', message: text.args, start, end });
    } else if (name === 'duration_' && Duration.parse(text.args) === undefined) {
      this.problems.push({ kind: 'duration', message: text.args, start, end });
    }
  }

  #checkPattern(pattern: ASTNode | undefined): void {
    if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return;
    const problem = patternProblem(pattern.args);
    const { start, end } = pattern;
    if (problem !== undefined) this.problems.push({ kind: 'pattern', message: problem, start, end });
  }

  #problem(node: ASTNode, message: string, hint?: string): void {
    const { start, end } = node;
    this.problems.push({ kind: 'type', message, start, end, ...(hint !== undefined && { hint }) });
  }
}

export const NAMES: Readonly<Record<NonNullable<StaticType>, string>> = {
  number: 'a number',
  text: 'a text',
  boolean: 'true or false',
  time: 'a time',
  duration: 'a duration',
  list: 'a list',
  object: 'an object',
};

const ARITHMETIC: ReadonlyMap<string, StaticType> = new Map([
  ...['+', '-', '*', '/', '%'].map((operator) => [`number ${operator} number`, 'number'] as const),
  ['text + text', 'text'],
  ['list + list', 'list'],
  ['time - time', 'duration'],
  ['time - duration', 'time'],
  ['time + duration', 'time'],
  ['duration + time', 'time'],
  ['duration + duration', 'duration'],
  ['duration - duration', 'duration'],
  ['duration / duration', 'number'],
  ['duration * number', 'duration'],
  ['number * duration', 'duration'],
  ['duration / number', 'duration'],
]);

function literalType(value: unknown): StaticType {
  switch (typeof value) {
    case 'bigint':
    case 'number':
      return 'number';
    case 'string':
      return 'text';
    case 'boolean':
      return 'boolean';
    default:
      return undefined;
  }
}
