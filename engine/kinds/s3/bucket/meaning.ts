import { canonicalJson } from '../../../base/json.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { encodeValue, isValueList, isValueMap } from '../../../base/value.ts';
import type { SettingName } from './names.ts';

/** Nothing set: the empty text, list or map. */
export const isEmpty = (value: Value): boolean =>
  value === '' ||
  (isValueList(value) ? value.length === 0 : isValueMap(value) && Object.keys(value).length === 0);

/**
 * Whether S3 would do the same by both. It writes a setting down in its own way: rules in another order, a list
 * of one as a text, a number for a text, a flag that is off where there was none.
 */
export const isSame = (name: SettingName, one: Value, other: Value): boolean =>
  textOf(meaningOf(name, one)) === textOf(meaningOf(name, other));

const textOf = (value: Value): string => canonicalJson(encodeValue(value));

/** The one form of all values that mean the same. */
function meaningOf(name: SettingName, value: Value): Value {
  switch (name) {
    case 'lifecycle':
      return sorted(itemsOf(value).map((rule) => plain(withoutIdleFilter(withFilter(rule)))));
    // The first rule that fits a request answers it: here the order is a part of the meaning.
    case 'cors':
      return itemsOf(value).map(plain);
    case 'website':
      return isValueMap(value)
        ? { ...mapOf(plain(value)), RoutingRules: itemsOf(value['RoutingRules'] ?? []).map(plain) }
        : value;
    case 'policy':
      return oneOfOne(value);
    // Their names are anybody's, and may be those of members below.
    case 'tags':
      return oneOfOne(value);
    default:
      return plain(value);
  }
}

const mapOf = (value: Value): ValueMap => (isValueMap(value) ? value : {});
const itemsOf = (value: Value): readonly Value[] => (isValueList(value) ? value : []);

/** A rule of the older form, in which the prefix stands in the rule itself. */
export function withFilter(rule: Value): Value {
  if (!isValueMap(rule) || !('Prefix' in rule)) return rule;
  const { Prefix, ...others } = rule;
  return { ...others, Filter: { Prefix: Prefix ?? '' } };
}

/** No filter, an empty one and that of the empty prefix are the whole bucket alike. */
function withoutIdleFilter(rule: Value): Value {
  if (!isValueMap(rule)) return rule;
  const { Filter: filter = {}, ...others } = rule;
  const isIdle = isEmpty(filter) || (isValueMap(filter) && textOf(filter) === textOf({ Prefix: '' }));
  return isIdle ? others : { ...others, Filter: filter };
}

/** Scalars as texts, lists in one order, nothing that says nothing. */
function plain(value: Value): Value {
  if (isValueList(value)) return sorted(value.map(plain));
  if (!isValueMap(value)) return String(value);
  const members = Object.entries(value).flatMap(([key, member]): [string, Value][] => {
    if (OFF.has(key) && (member === false || member === 'false')) return [];
    if (key === 'Date') return [[key, momentOf(member)]];
    // What S3 was told as `prefix` it calls `Prefix`.
    if (key === 'Name' && typeof member === 'string') return [[key, member.toLowerCase()]];
    const meant = plain(key === 'Filter' && isEmpty(member) ? { Prefix: '' } : member);
    const isIdle = isEmpty(meant) && meant !== '' && key !== 'EventBridgeConfiguration';
    return isIdle ? [] : [[key, meant]];
  });
  return Object.fromEntries(members);
}

/** Flags that are off when they are not mentioned. */
const OFF: ReadonlySet<string> = new Set([
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
  'BucketKeyEnabled',
]);

const sorted = (values: readonly Value[]): readonly Value[] =>
  values
    .map((value) => [textOf(value), value] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, value]) => value);

/** A day and midnight of it are the same moment. */
function momentOf(date: Value): Value {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? date : new Date(time).toISOString();
}

const ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;

/** In a policy one thing and a list of it are the same, and an account is also its root. */
function oneOfOne(value: Value): Value {
  if (isValueList(value)) {
    const items = sorted(value.map(oneOfOne));
    return items.length === 1 && items[0] !== undefined ? items[0] : items;
  }
  if (isValueMap(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, oneOfOne(member)]));
  }
  return String(value).replace(ROOT, '$1');
}

/** Empty at every depth: a service may leave it out. */
const saysNothing = (value: Value): boolean =>
  isEmpty(value) || (isValueMap(value) && Object.values(value).every(saysNothing));

/** Whether all of `wanted` is in `found`, which may say more: services add ids and defaults. */
export function isWithin(wanted: Value, found: Value | undefined): boolean {
  if (isValueList(wanted)) {
    if (found === undefined || !isValueList(found) || found.length !== wanted.length) return false;
    return wanted.every((item) => found.some((other) => isWithin(item, other)));
  }
  if (isValueMap(wanted)) {
    return (
      isValueMap(found) &&
      Object.entries(wanted).every(([key, value]) => saysNothing(value) || isWithin(value, found[key]))
    );
  }
  return String(wanted) === (found === undefined || typeof found === 'object' ? undefined : String(found));
}
