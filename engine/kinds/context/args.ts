import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';

/*
 * Readers of a `with` that its schema has accepted. A value of the wrong type is
 * therefore a bug of the engine and not of the playbook: a TypeError, never a StepError.
 */

export function text(args: ValueMap, key: string): string {
  return optionalText(args, key) ?? missing(key);
}

export function optionalText(args: ValueMap, key: string): string | undefined {
  const value = args[key];
  return value === undefined || typeof value === 'string' ? value : wrong(key, 'a text');
}

export function flag(args: ValueMap, key: string): boolean {
  return args[key] === true;
}

export function map(args: ValueMap, key: string): ValueMap {
  return optionalMap(args, key) ?? missing(key);
}

export function optionalMap(args: ValueMap, key: string): ValueMap | undefined {
  const value = args[key];
  return value === undefined || isValueMap(value) ? value : wrong(key, 'a map');
}

/** The list, empty when it was left out. */
export function list(args: ValueMap, key: string): readonly Value[] {
  const value = args[key] ?? [];
  return isValueList(value) ? value : wrong(key, 'a list');
}

/** A list of texts, empty when it was left out. */
export function texts(args: ValueMap, key: string): readonly string[] {
  return list(args, key).map((item) => (typeof item === 'string' ? item : wrong(key, 'a list of texts')));
}

/** A whole number that fits a JavaScript number. */
export function optionalInteger(args: ValueMap, key: string): number | undefined {
  const value = args[key];
  if (value === undefined) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : wrong(key, 'a whole number');
}

/** A moment: as a value, or as RFC 3339. */
export function optionalTime(args: ValueMap, key: string): Instant | undefined {
  const value = args[key];
  if (value === undefined || value instanceof Instant) return value;
  const parsed = typeof value === 'string' ? Instant.parse(value) : undefined;
  return parsed ?? wrong(key, 'a moment');
}

export function time(args: ValueMap, key: string): Instant {
  return optionalTime(args, key) ?? missing(key);
}

/** A length of time: as a value, or as `1h30m`. */
export function optionalDuration(args: ValueMap, key: string): Duration | undefined {
  const value = args[key];
  if (value === undefined || value instanceof Duration) return value;
  const parsed = typeof value === 'string' ? Duration.parse(value) : undefined;
  return parsed ?? wrong(key, 'a duration');
}

function missing(key: string): never {
  throw new TypeError(`"${key}" is missing, though the schema demands it`);
}

function wrong(key: string, what: string): never {
  throw new TypeError(`"${key}" is not ${what}, though the schema demands it`);
}
