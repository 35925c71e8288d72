import { Environment } from '@marcbachmann/cel-js';
import type { RegisteredFunctionHandler } from '@marcbachmann/cel-js';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { VALUE, countSteps, spend } from './budget.ts';
import type { NodeRunner } from './budget.ts';
import { FunctionError } from './function-error.ts';
import { SEARCHING, registerTextFunctions } from './text-functions.ts';

/**
 * The library's own functions cannot be replaced under their names, so calls to these are renamed before
 * they are checked. `timestamp` and `duration` would be JavaScript dates (milliseconds).
 */
export const RENAMED: ReadonlyMap<string, string> = new Map(
  ['timestamp', 'duration', ...SEARCHING].map((name) => [name, `${name}_`]),
);

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
  registerTextFunctions(definer(language));
  countSteps(nodeRunner(language));
  return language;
}

/** What the library has beside, and no value of a playbook is of: bytes, whole numbers without a sign, its own times. */
const OF_NO_VALUE = /\b(bytes|uint|runner_)\b|google\.protobuf/;

/** The functions of the language by the names that expressions use, each with the signatures it is known by. */
export function functionsOf(language: Environment): ReadonlyMap<string, readonly string[]> {
  const named = new Map(Array.from(RENAMED, ([name, renamed]) => [renamed, name]));
  const found = new Map<string, string[]>();
  for (const { name, signature } of language.getDefinitions().functions) {
    if (OF_NO_VALUE.test(signature)) continue;
    const own = named.get(name) ?? name;
    found.set(own, [...(found.get(own) ?? []), signature]);
  }
  return found;
}

/** The library's evaluator, which it shows to nobody but the functions that it calls. */
function nodeRunner(language: Environment): NodeRunner {
  definer(language)('runner_(): dyn', function (this: unknown) {
    return this;
  });
  return language.evaluate('runner_()') as NodeRunner;
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
    spend(PARSE);
    const parsed = Instant.parse(text);
    if (parsed !== undefined) return parsed;
    throw new FunctionError(
      `"${text}" is no time: write RFC 3339 with an offset, such as 2025-11-01T12:00:00Z`,
    );
  });
  define('timestamp_(time): time', (value: Instant) => value);
  define('duration_(string): length', (text: string) => {
    spend(PARSE);
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

/** Steps to read a time or a duration. */
const PARSE = 50;

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
  language.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b);
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
  define('last(list): dyn', (list: readonly unknown[]) => {
    if (list.length === 0) throw new FunctionError('last() of an empty list');
    return list.at(-1);
  });
}

const definer =
  (language: Environment) =>
  (signature: string, handler: RegisteredFunctionHandler): void => {
    language.registerFunction(signature, handler, { async: false });
  };

function extreme(name: string, values: readonly unknown[], sign: 1 | -1): unknown {
  if (values.length === 0) throw new FunctionError(`${name}() of an empty list`);
  return values.reduce((best, value) => (compare(value, best) * sign > 0 ? value : best));
}

/** Order within one kind of value; ints and doubles are one kind. */
function compare(a: unknown, b: unknown): number {
  spend(VALUE);
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
