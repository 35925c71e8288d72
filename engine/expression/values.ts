import { Optional } from '@marcbachmann/cel-js';
import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { isValueList, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { dataMap, isHandle } from '../model/handle.ts';
import type { Handle } from '../model/handle.ts';
import { VALUE, spend, textSteps } from './budget.ts';

/** The handles among the language's maps. Whatever else an expression makes is none, whatever it reads like. */
const handles = new WeakMap<object, Handle>();

/**
 * A value as the language holds it. Whole numbers become its ints (else `1 + 1` and a
 * row count would be of two types), objects become `Map`s, whose keys may be any text:
 * a plain object with a key `constructor` confuses the library.
 */
export function toCel(value: Value): unknown {
  spend(VALUE);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isValueList(value)) return value.map(toCel);
  if (isValueMap(value)) {
    const map = new Map<string, unknown>();
    for (const [key, member] of Object.entries(value)) map.set(key, toCel(member));
    if (isHandle(value)) handles.set(map, value);
    return map;
  }
  return value;
}

/** The inverse of `toCel`; an optional without a value is null. Throws a TypeError for what is no value. */
export function fromCel(value: unknown): Value {
  spend(VALUE);
  switch (typeof value) {
    case 'string':
      spend(textSteps(value));
      return value;
    case 'boolean':
    case 'number':
      return value;
    case 'bigint':
      return wholeNumber(value);
    case 'object':
      return fromCelObject(value);
    default:
      throw new TypeError(`not a value: ${typeof value}`);
  }
}

function fromCelObject(value: object | null): Value {
  if (value === null) return null;
  if (value instanceof Instant || value instanceof Duration || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Map) {
    return (
      handles.get(value) ??
      dataMap([...value].map(([key, member]) => [String(key), fromCel(member)] as const))
    );
  }
  if (value instanceof Optional) return value.hasValue() ? fromCel(value.value()) : null;
  // The library's unsigned integers, which it does not export: `1u`.
  const primitive: unknown = value.valueOf();
  if (typeof primitive === 'bigint') return wholeNumber(primitive);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw new TypeError('not a value');
  return dataMap(Object.entries(value).map(([key, member]) => [key, fromCel(member)] as const));
}

const wholeNumber = (value: bigint): number | bigint =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER ? Number(value) : value;
