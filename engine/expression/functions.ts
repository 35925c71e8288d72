import { Environment } from '@marcbachmann/cel-js';
import type { RegisteredFunctionHandler } from '@marcbachmann/cel-js';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { valueText } from './text.ts';
import { fromCel } from './values.ts';

/** Something that a function of the language refuses, in words for the writer of the expression. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/**
 * The library's own `timestamp` and `duration` are JavaScript dates (milliseconds) and
 * cannot be replaced under their names, so calls to them are renamed before they are checked.
 */
export const RENAMED: ReadonlyMap<string, string> = new Map([
  ['timestamp', 'timestamp_'],
  ['duration', 'duration_'],
]);

/** What the language has here: CEL, times and lengths of time to the microsecond, and a few functions it lacks. */
export function createLanguage(): Environment {
  const language = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    enableOptionalTypes: true,
  });
  language.registerType('time', Instant).registerType('length', Duration);
  registerTime(language);
  registerNumbers(language);
  registerFunctions(language);
  return language;
}

function registerTime(language: Environment): void {
  const moment = (micros: number): Instant => new Instant(micros);
  const length = (micros: number): Duration => new Duration(micros);
  language
    .registerOperator('time - time: length', (a: Instant, b: Instant) =>
      length(a.epochMicros - b.epochMicros),
    )
    .registerOperator('time - length: time', (a: Instant, b: Duration) => moment(a.epochMicros - b.micros))
    .registerOperator('time + length: time', (a: Instant, b: Duration) => moment(a.epochMicros + b.micros))
    .registerOperator('length + time: time', (a: Duration, b: Instant) => moment(a.micros + b.epochMicros))
    .registerOperator('length + length: length', (a: Duration, b: Duration) => length(a.micros + b.micros))
    .registerOperator('length - length: length', (a: Duration, b: Duration) => length(a.micros - b.micros))
    .registerOperator('length / length: double', (a: Duration, b: Duration) => a.micros / b.micros)
    .registerOperator('-length: length', (a: Duration) => length(-a.micros))
    .registerOperator('time == time', (a: Instant, b: Instant) => a.epochMicros === b.epochMicros)
    .registerOperator('length == length', (a: Duration, b: Duration) => a.micros === b.micros);
  for (const factor of ['int', 'double']) {
    const scaled = (a: Duration, by: number | bigint): Duration => length(Math.round(a.micros * Number(by)));
    language
      .registerOperator(`length * ${factor}: length`, scaled)
      .registerOperator(`${factor} * length: length`, (by: number | bigint, a: Duration) => scaled(a, by))
      .registerOperator(`length / ${factor}: length`, (a: Duration, by: number | bigint) =>
        length(Math.round(a.micros / Number(by))),
      );
  }
  for (const [operator, holds] of ORDER) {
    language
      .registerOperator(`time ${operator} time`, (a: Instant, b: Instant) =>
        holds(a.epochMicros, b.epochMicros),
      )
      .registerOperator(`length ${operator} length`, (a: Duration, b: Duration) => holds(a.micros, b.micros));
  }
  const define = definer(language);
  define('timestamp_(string): time', (text: string) => {
    const parsed = Instant.parse(text);
    if (parsed !== undefined) return parsed;
    throw new FunctionError(
      `"${text}" is no time: write RFC 3339 with an offset, such as 2025-11-01T12:00:00Z`,
    );
  });
  define('timestamp_(time): time', (value: Instant) => value);
  define('duration_(string): length', (text: string) => {
    const parsed = Duration.parse(text);
    if (parsed !== undefined) return parsed;
    throw new FunctionError(`"${text}" is no duration: write a number and a unit, such as 30m or 1h30m`);
  });
  define('duration_(length): length', (value: Duration) => value);
  define('string(time): string', (value: Instant) => value.toString());
  define('string(length): string', (value: Duration) => value.toString());
  for (const [name, micros] of LENGTH_PARTS) {
    define(`length.${name}(): int`, (value: Duration) => BigInt(Math.trunc(value.micros / micros)));
  }
}

const ORDER: readonly (readonly [string, (a: number, b: number) => boolean])[] = [
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
];

const LENGTH_PARTS: readonly (readonly [string, number])[] = [
  ['getHours', 3_600_000_000],
  ['getMinutes', 60_000_000],
  ['getSeconds', 1_000_000],
  ['getMilliseconds', 1000],
];

/** JSON's 2.0 is an int here and its 2.5 a double: arithmetic takes both, so that no drill passes where the incident fails. */
function registerNumbers(language: Environment): void {
  const mixed: readonly (readonly [string, (a: number, b: number) => number])[] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ];
  for (const [operator, apply] of mixed) {
    const handler = (a: number | bigint, b: number | bigint): number => apply(Number(a), Number(b));
    language.registerOperator(`int ${operator} double: double`, handler);
    language.registerOperator(`double ${operator} int: double`, handler);
  }
}

function registerFunctions(language: Environment): void {
  const define = definer(language);
  define('min(list): dyn', (list: readonly unknown[]) => extreme('min', list, -1));
  define('max(list): dyn', (list: readonly unknown[]) => extreme('max', list, 1));
  for (let count = 2; count <= 4; count++) {
    const parameters = Array.from({ length: count }, () => 'dyn').join(', ');
    define(`min(${parameters}): dyn`, (...values: readonly unknown[]) => extreme('min', values, -1));
    define(`max(${parameters}): dyn`, (...values: readonly unknown[]) => extreme('max', values, 1));
  }
  define('sort(list): list', (list: readonly unknown[]) => [...list].sort(compare));
  define('join(list, string): string', (list: readonly unknown[], separator: string) =>
    list.map(textOf).join(separator),
  );
  define('text(dyn): string', textOf);
  define('format(string, list): string', format);
  define('last(list): dyn', (list: readonly unknown[]) => {
    if (list.length === 0) throw new FunctionError('last() of an empty list');
    return list.at(-1);
  });
  define('capture(string, string): string', capture);
}

const definer =
  (language: Environment) =>
  (signature: string, handler: RegisteredFunctionHandler): void => {
    language.registerFunction(signature, handler, { async: false });
  };

const textOf = (value: unknown): string => valueText(fromCel(value));

function extreme(name: string, values: readonly unknown[], sign: 1 | -1): unknown {
  if (values.length === 0) throw new FunctionError(`${name}() of an empty list`);
  return values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best));
}

/** Order within one kind of value; ints and doubles are one kind. */
function compare(a: unknown, b: unknown): number {
  const left = rank(a);
  const right = rank(b);
  if (left === undefined || right === undefined || left.kind !== right.kind) {
    throw new FunctionError('only numbers, texts, times or durations can be put in order, all of one kind');
  }
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}

function rank(value: unknown): { kind: string; key: number | bigint | string } | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'number', key: value };
  if (typeof value === 'string') return { kind: 'text', key: value };
  if (value instanceof Instant) return { kind: 'time', key: value.epochMicros };
  if (value instanceof Duration) return { kind: 'duration', key: value.micros };
  return undefined;
}

/** `%s` any value as text, `%d` a whole number, `%.2f` a number with that many digits, `%%` itself. */
function format(pattern: string, values: readonly unknown[]): string {
  let next = 0;
  const filled = pattern.replace(/%(?:%|s|d|\.(\d+)f)/g, (verb, digits: string | undefined) => {
    if (verb === '%%') return '%';
    if (next >= values.length) throw new FunctionError(`format() has no value for its ${verb}`);
    const value = values[next++];
    if (verb === '%s') return textOf(value);
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new FunctionError(`format() needs a number for ${verb}`);
    }
    return digits === undefined ? String(Math.trunc(Number(value))) : Number(value).toFixed(Number(digits));
  });
  if (next < values.length) throw new FunctionError('format() has more values than places for them');
  return filled;
}

/** What the first group of a regular expression matched, or the whole match when it has no group. */
function capture(text: string, pattern: string): string {
  let match: RegExpExecArray | null;
  try {
    match = new RegExp(pattern, 'm').exec(text);
  } catch {
    throw new FunctionError(`capture(): /${pattern}/ is no regular expression`);
  }
  if (match === null) throw new FunctionError(`capture(): nothing matches /${pattern}/`);
  return match[1] ?? match[0];
}
