import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { isValueMap, valueMap } from '../../base/value.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { problemsOfValue } from './kind-schema.ts';
import type { OwnSchema } from './own-schema.ts';
import { annotation, itemOf, memberOf, typesOf } from './shape.ts';

/** An output of a kind of a user's own, as the values that its schema means; else what is wrong with it. */
export function admitOutput(
  { kind, validateOutput }: OwnSchema,
  output: unknown,
): Result<ValueMap, readonly string[]> {
  const problems: string[] = [];
  const value = valueOf(output ?? {}, kind.output, 'output', problems);
  if (problems.length > 0) return err(problems);
  if (!isValueMap(value)) return err(['output: this must be an object']);
  const refused = problemsOfValue(value, kind.output ?? {}, validateOutput, 'output');
  return refused.length === 0 ? ok(value) : err(refused);
}

/** Deeper than any data of use; an object that holds itself is. */
const MAX_DEPTH = 100;

/** What JavaScript gives, as a value that the journal can hold: a text where a time is meant becomes one. */
function valueOf(
  given: unknown,
  schema: JsonObject | undefined,
  path: string,
  problems: string[],
  depth = 0,
): Value {
  if (typeof given === 'string') return textOf(given, schema);
  if (typeof given === 'number' && hasLostDigits(given) && typesOf(schema ?? {}).includes('integer')) {
    problems.push(`${path}: ${String(given)} is beyond 2^53, where a number has lost digits; give a bigint`);
  }
  if (given === null || ['boolean', 'number', 'bigint'].includes(typeof given)) return given as Value;
  if (given instanceof Instant || given instanceof Duration || given instanceof Uint8Array) return given;
  const inside = (value: unknown, of: JsonObject | undefined, name: string): Value =>
    valueOf(value, of, `${path}.${name}`, problems, depth + 1);
  if (depth < MAX_DEPTH && Array.isArray(given)) {
    return given.map((item, index) => inside(item, itemOf(schema), String(index)));
  }
  if (depth < MAX_DEPTH && isPlainObject(given)) {
    const members = Object.entries(given).filter(([, member]) => member !== undefined);
    return valueMap(
      members.map(([key, member]) => [key, inside(member, memberOf(schema, key), key)] as const),
    );
  }
  problems.push(`${path}: ${nameOf(given)} is no value`);
  return null;
}

const hasLostDigits = (number: number): boolean => Number.isInteger(number) && !Number.isSafeInteger(number);

function textOf(text: string, schema: JsonObject | undefined): Value {
  const format = schema === undefined ? undefined : annotation(schema, 'x-format');
  if (format === 'time') return Instant.parse(text) ?? text;
  return format === 'duration' ? (Duration.parse(text) ?? text) : text;
}

function isPlainObject(given: unknown): given is Readonly<Record<string, unknown>> {
  if (typeof given !== 'object' || given === null) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function nameOf(given: unknown): string {
  if (given instanceof Date) return 'a Date (give its toISOString(), and say x-format: time in the schema)';
  if (typeof given !== 'object' || given === null) return `a value of type ${typeof given}`;
  return Array.isArray(given) || isPlainObject(given)
    ? 'what lies so deep'
    : `an object of ${given.constructor.name}`;
}
