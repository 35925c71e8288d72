import type { ValueMap } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';

/*
 * Readers of a map whose form somebody else has seen to: an entry of the environment, a handle, a row of a
 * query of ours. A member of the wrong type is therefore a bug of the engine: a TypeError, never a StepError.
 */

export const text = (map: ValueMap, key: string): string => optionalText(map, key) ?? wrong(key, 'a text');

export function optionalText(map: ValueMap, key: string): string | undefined {
  const value = map[key];
  return value === undefined || typeof value === 'string' ? value : wrong(key, 'a text');
}

/** A list of texts, empty when it was left out. */
export function texts(map: ValueMap, key: string): readonly string[] {
  const value = map[key] ?? [];
  if (isValueList(value) && value.every((item) => typeof item === 'string')) return value;
  return wrong(key, 'a list of texts');
}

/** A whole number that fits a JavaScript number. */
export function optionalInteger(map: ValueMap, key: string): number | undefined {
  const value = map[key];
  if (value === undefined) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : wrong(key, 'a whole number');
}

function wrong(key: string, what: string): never {
  throw new TypeError(`"${key}" is not ${what}`);
}
