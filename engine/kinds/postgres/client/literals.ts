import type { Value } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { parameter } from './values.ts';

/**
 * What may hold a `$1` that is none, in the order in which PostgreSQL's lexer would see it: texts, names,
 * dollar-quoted texts, comments; and at last a parameter.
 */
const TOKEN =
  /[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([\p{L}_][\p{L}\p{N}_]*)?\$.*?\$\1\$|--[^\n]*|\/\*.*?\*\/|[\p{L}_][\p{L}\p{N}_$]*|\$(\d+)/gsu;

/** By object id of the parameter's type: the name to cast its text to. */
const CASTS: ReadonlyMap<number, string> = new Map([
  [17, 'bytea'],
  [20, 'bigint'],
  [1184, 'timestamptz'],
  [1186, 'interval'],
]);

/**
 * Puts values in the places of `$1`, `$2` … as literals, for statements that take no parameters (COPY).
 * Throws `StepError` when places and values do not match.
 */
export function placeLiterals(condition: string, params: readonly Value[]): string {
  const used = new Set<number>();
  const placed = condition.replace(TOKEN, (token: string, _tag: unknown, number: string | undefined) => {
    if (number === undefined) return token;
    const value = params[Number(number) - 1];
    if (value === undefined) throw usage(`there is no value for $${number} in "params"`);
    used.add(Number(number));
    return literal(value);
  });
  const unused = params.findIndex((_value, index) => !used.has(index + 1));
  if (unused >= 0) throw usage(`the condition has no place $${unused + 1} for a value of "params"`);
  return placed;
}

/** A statement without its texts and comments: what is left are its words. */
export const codeOf = (statement: string): string =>
  statement.replace(TOKEN, (token) => (/^(?:[eE]?'|\$\D|--|\/\*)/.test(token) ? ' ' : token));

function literal(value: Value): string {
  const sent = parameter(value);
  if (sent.value === null) return 'null';
  const text = Buffer.isBuffer(sent.value) ? `\\x${sent.value.toString('hex')}` : sent.value;
  const cast = CASTS.get(sent.type);
  return cast === undefined ? quoteLiteral(text) : `${quoteLiteral(text)}::${cast}`;
}

/** With `standard_conforming_strings` on, as it is by default and in every session here. */
export const quoteLiteral = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const usage = (message: string): StepError => new StepError(message, { code: 'usage' });
