import { createRequire } from 'node:module';
import type * as Library from 'lossless-json';
import { Duration } from './duration.ts';
import { Instant } from './instant.ts';
import { isValueList, isValueMap, wholeNumber } from './value.ts';
import type { Value } from './value.ts';

const LONG_NUMBER = /\d{16}/;

/**
 * Reads JSON that came from outside. A whole number beyond 2^53 stays what it is, a bigint, where `JSON.parse`
 * takes the nearest that a double can be: the id of another row. Throws a SyntaxError for what is no JSON.
 */
export function readJson(text: string): Value {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text) as Value;
  return load().parse(text, null, {
    parseNumber: numberOf,
    onDuplicateKey: ({ newValue }) => newValue,
  }) as Value;
}

const numberOf = (digits: string): number | bigint =>
  /^-?\d+$/.test(digits) ? wholeNumber(BigInt(digits)) : Number(digits);

/** Writes what `readJson` reads. */
export const writeJson = (value: unknown, indent?: number): string =>
  holdsBigint(value)
    ? (load().stringify(value, null, indent) ?? 'null')
    : JSON.stringify(value, null, indent);

/** A value as JSON for people and for other programs, which have no tags: times, durations and bytes are texts. */
export const shownJson = (value: Value): string => writeJson(shown(value));

function shown(value: Value): unknown {
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isValueList(value)) return value.map(shown);
  if (!isValueMap(value)) return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shown(member)]));
}

const holdsBigint = (value: unknown): boolean =>
  typeof value === 'bigint' ||
  (typeof value === 'object' && value !== null && Object.values(value).some(holdsBigint));

let library: typeof Library | undefined;

/** Loaded with the first long number. */
function load(): typeof Library {
  library ??= createRequire(import.meta.url)('lossless-json') as typeof Library;
  return library;
}
