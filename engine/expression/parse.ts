import { ParseError } from '@marcbachmann/cel-js';
import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { markOperands } from './budget.ts';
import { RENAMED, createLanguage } from './functions.ts';
import { findReferences } from './references.ts';
import type { Reference } from './references.ts';
import { wrongCall } from './wrong-call.ts';
import type { WrongCall } from './wrong-call.ts';

/** A parsed expression, and what can be told of it without values. */
export interface ParsedExpression {
  readonly source: string;
  readonly ast: ASTNode;
  readonly references: readonly Reference[];
  /** Evaluates it over names as the language holds them (expression/values.ts). Throws the library's errors. */
  readonly run: (names: ReadonlyMap<string, unknown>) => unknown;
}

/** What is wrong in an expression; offsets into its text. */
export interface ExpressionProblem {
  readonly kind: 'syntax' | 'type';
  readonly message: string;
  /** What would be right, where that is known. */
  readonly hint?: string;
  readonly start: number;
  readonly end: number;
}

let language: Environment | undefined;
const parsed = new Map<string, Result<ParsedExpression, never>>();

/** Parses an expression, once per text and process. */
export function parseExpression(source: string): Result<ParsedExpression, ExpressionProblem> {
  const known = parsed.get(source);
  if (known !== undefined) return known;
  const result = parseAnew(source);
  if (result.ok) parsed.set(source, result);
  return result;
}

function parseAnew(source: string): Result<ParsedExpression, ExpressionProblem> {
  if (source.trim() === '') {
    return err({ kind: 'syntax', message: 'the expression is empty', start: 0, end: source.length });
  }
  language ??= createLanguage();
  let result: ParseResult;
  try {
    result = language.parse(source);
    prepare(result.ast, 0);
  } catch (error) {
    if (error instanceof ParseError) return err(problem('syntax', error, source));
    // Of the parser's calls, which nest as the expression does.
    if (error instanceof RangeError) return err(tooDeep(source));
    throw error;
  }
  const checked = result.check();
  if (checked.error !== undefined) return err(problem('type', checked.error, source));
  return ok({
    source,
    ast: result.ast,
    references: findReferences(result.ast),
    run: (names) => result(names) as unknown,
  });
}

const tooDeep = (source: string): ExpressionProblem => ({
  kind: 'syntax',
  message: `the expression nests too deeply (${String(MAX_DEPTH)} levels at most)`,
  start: 0,
  end: source.length,
});

function problem(
  kind: ExpressionProblem['kind'],
  error: {
    readonly summary: string;
    readonly range?: { readonly start: number; readonly end: number } | undefined;
  },
  source: string,
): ExpressionProblem {
  const start = Math.min(error.range?.start ?? 0, source.length);
  const end = Math.min(Math.max(error.range?.end ?? source.length, start), source.length);
  return { kind, ...(wrongCallOf(error.summary) ?? { message: plainMessage(error.summary) }), start, end };
}

/** What is wrong in a call, where that is what the library says. */
export const wrongCallOf = (summary: string): WrongCall | undefined =>
  language === undefined ? undefined : wrongCall(summary, language);

const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end',
  NUMBER: 'a number',
  STRING: 'a text',
  IDENTIFIER: 'a name',
  COLON: '":"',
  QUESTION: '"?"',
  RPAREN: '")"',
  LPAREN: '"("',
  RBRACKET: '"]"',
  LBRACKET: '"["',
  RBRACE: '"}"',
  LBRACE: '"{"',
  COMMA: '","',
  DOT: '"."',
};

/** The library's messages in the words that the rest of drillbook uses. */
export function plainMessage(summary: string): string {
  const operator = /^no such overload: (.+?) (\S{1,2}) (.+)$/.exec(summary);
  if (operator !== null) {
    const [, left = '', sign = '', right = ''] = operator;
    return `"${sign}" does not go between ${typeName(left)} and ${typeName(right)}`;
  }
  const limit = /^Exceeded (\w+) \((\d+)\)$/.exec(summary);
  if (limit !== null)
    return `${LIMITS[limit[1] ?? ''] ?? 'the expression is too large'} (${limit[2] ?? ''} at most)`;
  return summary
    .replace(/\bdyn<(.+?)>/g, '$1')
    .replace(/\blength\b/g, 'duration')
    .replace(/^Expected ([A-Z]+), got ([A-Z]+)$/, (_, wanted: string, got: string) => {
      return `expected ${TOKENS[wanted] ?? wanted}, found ${TOKENS[got] ?? got}`;
    })
    .replace(/^Unexpected token: ([A-Z]+)$/, (_, token: string) =>
      token === 'EOF'
        ? 'the expression ends too early'
        : `unexpected ${TOKENS[token] ?? token.toLowerCase()}`,
    )
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

const LIMITS: Readonly<Record<string, string>> = {
  maxDepth: 'the expression nests too deeply',
  maxAstNodes: 'the expression has too many parts',
  maxListElements: 'the list has too many items',
  maxMapEntries: 'the object has too many members',
  maxCallArguments: 'the function has too many arguments',
};

const NAMES: Readonly<Record<string, string>> = {
  int: 'a number',
  double: 'a number',
  string: 'a text',
  bool: 'true or false',
  null: 'null',
  time: 'a time',
  length: 'a duration',
};

const typeName = (type: string): string => {
  const plain = type.replace(/^dyn<(.+)>$/, '$1');
  if (plain.startsWith('list')) return 'a list';
  if (plain.startsWith('map')) return 'an object';
  return NAMES[plain] ?? plain;
};

/** Deeper than anybody writes, and shallow enough for all that walks through an expression. */
const MAX_DEPTH = 300;

/** Renames calls, and notes what each node costs. Throws a RangeError where it nests too deeply. */
function prepare(node: ASTNode, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError('too deep');
  if (node.op === 'call' || node.op === 'rcall') {
    // The node's arguments are a tuple that the library reads again when it checks.
    const call: [string, ...unknown[]] = node.args;
    call[0] = RENAMED.get(call[0]) ?? call[0];
  }
  if (node.op === 'call' && node.args[0] === 'has') allowGaps(node.args[1][0]);
  const operands = children(node);
  markOperands(node, operands);
  for (const child of operands) prepare(child, depth + 1);
}

/** `has(a.b.c)` is false where there is no `a.b` either; the library fails there, unless the access on the way is `.?`. */
function allowGaps(asked: ASTNode | undefined): void {
  let at = asked?.op === '.' ? asked.args[0] : undefined;
  while (at?.op === '.') {
    const inside: ASTNode = at.args[0];
    Object.assign(at, { op: '.?' });
    at = inside;
  }
}

function children(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/**
 * Whether an expression asks for this name, or for a member (`inputs.at`): by what it says, not by how it reads.
 * One that asks for all of `inputs`, or for a member that is only known when it is evaluated, asks for each.
 */
export function asksFor(source: string, name: string): boolean {
  const parsed = parseExpression(source);
  const [sought, ...members] = name.split('.');
  return (
    parsed.ok &&
    parsed.value.references.some(
      ({ root, path }) =>
        root === sought && members.every((member, at) => path[at] === undefined || path[at].name === member),
    )
  );
}

/** What an expression asks for: `inputs.at`, or `inputs` where it asks for all, or for a member that is known only when it is evaluated. */
export function namesIn(source: string): readonly string[] {
  const parsed = parseExpression(source);
  if (!parsed.ok) return [];
  return parsed.value.references.map(({ root, path: [member] }) =>
    member === undefined ? root : `${root}.${String(member.name)}`,
  );
}
