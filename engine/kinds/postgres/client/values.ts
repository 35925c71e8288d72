import { readJson, writeJson } from '../../../base/json-text.ts';
import { Duration } from '../../../base/duration.ts';
import { Instant } from '../../../base/instant.ts';
import type { Value } from '../../../base/value.ts';
import { isValueList, wholeNumber } from '../../../base/value.ts';
import type { ArrayElement } from './arrays.ts';
import { formatArray, parseArray } from './arrays.ts';

/*
 * Values from PostgreSQL's text format and back, without a loss: an int8 stays a whole
 * number, a timestamptz keeps its microseconds. Object ids are fixed by pg_type.dat.
 */

type Parse = (text: string) => Value;

const INTERVAL = /^(?:(-?\d+) days? ?)?(?:(-)?(\d+):(\d+):(\d+)(?:\.(\d+))?)?$/;

const whole: Parse = (text) => wholeNumber(BigInt(text));

/** Whole where it is whole, else the nearest double: a type that hung on the digits would break conditions. */
const numeric: Parse = (text) => (/^-?\d+$/.test(text) ? whole(text) : Number(text));

/** `2025-11-01 12:00:00.123456+00`. What is no moment (`infinity`, a year before 1) stays a text. */
const instant: Parse = (text) =>
  Instant.parse(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')) ?? text;

/** `3 days 02:00:00.5`. Months have no length: such an interval stays a text. */
const duration: Parse = (text) => {
  const match = INTERVAL.exec(text);
  if (match === null || text === '') return text;
  const [, days = '0', minus, hours = '0', minutes = '0', seconds = '0', fraction = ''] = match;
  const clock =
    (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000 +
    Number(fraction.padEnd(6, '0'));
  return new Duration(Number(days) * 86_400_000_000 + (minus === undefined ? clock : -clock));
};

const bytes: Parse = (text) => new Uint8Array(Buffer.from(text.replace(/^\\x/, ''), 'hex'));

const json: Parse = readJson;

/** By object id: the type, then the type of its arrays. Every other type stays a text. */
const TYPES: readonly (readonly [number, number, Parse])[] = [
  [16, 1000, (text) => text === 't'],
  [17, 1001, bytes],
  [20, 1016, whole],
  [21, 1005, whole],
  [23, 1007, whole],
  [26, 1028, whole],
  [25, 1009, (text) => text],
  [1043, 1015, (text) => text],
  [2950, 2951, (text) => text],
  [114, 199, json],
  [3802, 3807, json],
  [700, 1021, Number],
  [701, 1022, Number],
  [1700, 1231, numeric],
  [1184, 1185, instant],
  [1186, 1187, duration],
];

const SCALARS = new Map(TYPES.map(([scalar, , parse]) => [scalar, parse]));
const ARRAYS = new Map(TYPES.map(([, array, parse]) => [array, parse]));

/** What the session must be set to for these readers to understand it. */
export const SESSION_SETTINGS =
  "set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set timezone = 'UTC'; set bytea_output = 'hex'; set extra_float_digits = 1; set standard_conforming_strings = on";

/** The readers in the form that pg asks for. */
export const RESULT_TYPES = {
  getTypeParser(oid: number): Parse {
    const element = ARRAYS.get(oid);
    if (element !== undefined) return (text) => parseArray(text, element);
    return SCALARS.get(oid) ?? ((text) => text);
  },
};

/** A parameter as pg sends it, and the object id of its type; 0 lets the server infer it from the statement. */
export function parameter(value: Value): { readonly type: number; readonly value: string | Buffer | null } {
  if (value === null) return { type: 0, value: null };
  if (value instanceof Instant) return { type: 1184, value: value.toString() };
  if (value instanceof Duration) return { type: 1186, value: `${value.micros} microseconds` };
  if (value instanceof Uint8Array) return { type: 17, value: Buffer.from(value) };
  if (typeof value === 'bigint') return { type: 20, value: value.toString() };
  if (isValueList(value)) return { type: arrayType(value), value: arrayText(value) };
  if (typeof value === 'object') return { type: 0, value: writeJson(value) };
  return { type: 0, value: String(value) };
}

function arrayType(values: readonly Value[]): number {
  const element = parameter(values.find((value) => value !== null) ?? null).type;
  return TYPES.find(([scalar]) => scalar === element)?.[1] ?? 0;
}

const arrayText = (values: readonly Value[]): string => formatArray(values.map(elementOf));

function elementOf(item: Value): ArrayElement {
  if (isValueList(item)) return item.map(elementOf);
  const { value } = parameter(item);
  return Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value;
}
