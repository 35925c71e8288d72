import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import type { JsonObject } from '../base/json.ts';
import type { Value, ValueMap } from '../base/value.ts';
import { isValueList, isValueMap } from '../base/value.ts';
import { isHandle } from '../model/handle.ts';
import { annotation, itemOf, memberOf, typesOf } from './schemas/shape.ts';
import { kindSchema } from './stepschema.ts';

/**
 * The arguments of a kind in the one form that its type says (kinds/types.ts): a time that was written as a
 * text is an `Instant`, a duration a `Duration`, a whole number a `number`.
 *
 * In a plan a text may stand for a value that is not known yet. It may be shown; a kind that would count,
 * list or look into it gets a TypeError instead of something wrong.
 */
export function readArgs(kind: string, args: ValueMap): ValueMap {
  const schema = kindSchema('steps', kind)?.with;
  return schema === undefined ? args : readBySchema(args, schema);
}

/** The same by any schema of a `with`. A copy, so that a map that is known to be data stays known to be. */
export function readBySchema(map: ValueMap, schema: JsonObject): ValueMap {
  const read = { ...map };
  for (const [key, value] of Object.entries(map)) {
    const member = memberOf(schema, key);
    if (member === undefined) continue;
    const property = isUnknown(value, member) ? { get: unknown(key) } : { value: readValue(value, member) };
    Object.defineProperty(read, key, { ...property, enumerable: true, configurable: true });
  }
  return read;
}

function readValue(value: Value, schema: JsonObject): Value {
  if (isHandle(value)) return value;
  const format = annotation(schema, 'x-format');
  if (typeof value === 'string') {
    if (format === 'time') return Instant.parse(value) ?? value;
    if (format === 'duration') return Duration.parse(value) ?? value;
    return value;
  }
  if (typeof value === 'bigint') return typesOf(schema).includes('integer') ? Number(value) : value;
  if (isValueList(value)) {
    const item = itemOf(schema);
    return item === undefined ? value : value.map((each) => readValue(each, item));
  }
  return isValueMap(value) ? readBySchema(value, schema) : value;
}

/** Types of which a text is none, and that a kind does more with than show them. */
const COMPUTED_WITH = ['array', 'object', 'integer'];

function isUnknown(value: Value, schema: JsonObject): boolean {
  if (typeof value !== 'string' || annotation(schema, 'x-target') !== undefined) return false;
  if (annotation(schema, 'x-format') === 'duration') return Duration.parse(value) === undefined;
  const types = typesOf(schema);
  return types.length > 0 && types.every((type) => COMPUTED_WITH.includes(type));
}

const unknown = (key: string) => (): never => {
  throw new TypeError(`"${key}" is not known yet`);
};
