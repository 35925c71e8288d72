import { Duration } from './duration.ts';
import { Instant } from './instant.ts';
import type { Json } from './json.ts';

/**
 * What an expression, an input, a step's `with` and its output can hold. Whole
 * numbers are `number` while they are safe integers and `bigint` beyond.
 */
export type Value =
  null | boolean | number | bigint | string | Instant | Duration | Uint8Array | readonly Value[] | ValueMap;

export interface ValueMap {
  readonly [key: string]: Value;
}

/** A whole number as values hold it. */
export const wholeNumber = (whole: bigint): number | bigint =>
  whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;

export function isValueMap(value: Value | undefined): value is ValueMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Instant) &&
    !(value instanceof Duration) &&
    !(value instanceof Uint8Array)
  );
}

export function isValueList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** An object from entries, whose keys may be anything (`__proto__` too): defined, never assigned. */
export function valueMap(entries: Iterable<readonly [string, Value]>): ValueMap {
  return Object.fromEntries(entries);
}

/** A map that has it is data, whatever it looks like. Copies of the map (`{ ...map }`) have it too. */
const PLAIN = Symbol('plain');

/** The same map, known to be data: a member `$ref` of it means nothing to anybody here. */
export const asPlain = (map: ValueMap): ValueMap => Object.assign({ ...map }, { [PLAIN]: true });

export const isPlain = (map: ValueMap): boolean => PLAIN in map;

/**
 * Values as JSON, with the types kept: what JSON cannot say is an object with one
 * tag (`$time`, `$duration`, `$int`, `$double`, `$bytes`, `$plain`). `decodeValue` is its inverse.
 */
export function encodeValue(value: Value): Json {
  switch (typeof value) {
    case 'bigint':
      return { $int: value.toString() };
    case 'number':
      return Number.isFinite(value) ? value : { $double: String(value) };
    case 'object':
      break;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Instant) return { $time: value.toString() };
  if (value instanceof Duration) return { $duration: value.toString() };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (isValueList(value)) return value.map((item) => encodeValue(item));
  const encoded = Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, encodeValue(member)]),
  );
  if (isPlain(value)) return { $plain: encoded };
  return TAGS.has(Object.keys(encoded)[0] ?? '') ? { $map: encoded } : encoded;
}

/** The value that `encodeValue` turned into this JSON, which a person may have written with long whole numbers. Total: a tag whose text was redacted gives that text. */
export function decodeValue(json: Value): Value {
  if (isValueList(json)) return json.map(decodeValue);
  if (!isValueMap(json)) return json;
  const keys = Object.keys(json);
  const tag = keys[0];
  if (keys.length === 1 && tag !== undefined && TAGS.has(tag)) return decodeTagged(tag, json);
  return decodeMembers(json);
}

const TAGS = new Set(['$time', '$duration', '$int', '$double', '$bytes', '$map', '$plain']);

function decodeTagged(tag: string, json: ValueMap): Value {
  const body = json[tag] ?? null;
  if (tag === '$map') return isValueMap(body) ? decodeMembers(body) : decodeValue(body);
  if (tag === '$plain') return isValueMap(body) ? asPlain(decodeMembers(body)) : decodeValue(body);
  const text = typeof body === 'string' ? body : '';
  switch (tag) {
    case '$time':
      return Instant.parse(text) ?? text;
    case '$duration':
      return Duration.parse(text) ?? text;
    case '$int':
      return /^-?\d+$/.test(text) ? BigInt(text) : text;
    case '$double':
      return Number(text);
    default:
      return new Uint8Array(Buffer.from(text, 'base64'));
  }
}

const decodeMembers = (json: ValueMap): ValueMap =>
  valueMap(Object.entries(json).map(([key, member]) => [key, decodeValue(member)] as const));
