import { readJson, shownJson } from '../../../base/json-text.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import type { With } from '../../types.ts';
import { isEmpty } from './meaning.ts';
import type { SettingName } from './names.ts';
import { SETTING_NAMES } from './names.ts';

type Args = With['s3.configure'];

/** What is given, and of the bucket that this one is to be like what is not given: by name, in the order of writing. */
export function wantedSettings(args: Args): ReadonlyMap<SettingName, Value> {
  const given = (name: SettingName): Value | undefined =>
    args[name] === undefined ? undefined : asTold(args[name]);
  return new Map(
    SETTING_NAMES.flatMap((name): [SettingName, Value][] => {
      const value = given(name) ?? likeOther(args, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** What the other bucket had of it, with this bucket's name for its own; undefined where it had nothing. */
function likeOther({ bucket, like, only }: Args, name: SettingName): Value | undefined {
  if (like === undefined || only?.includes(name) === false) return undefined;
  const value = asTold(like[name] ?? '');
  const [was, is] = [like['name'], bucket['name']];
  if (isEmpty(value)) return undefined;
  return typeof was === 'string' && typeof is === 'string' ? renamed(value, was, is) : value;
}

/** As S3 is told it: moments are texts there, and a long number has all its digits. */
const asTold = (value: unknown): Value => readJson(shownJson(value as Value));

/**
 * A bucket's name stands in ARNs, in the addresses of origins and where its own logs go. Elsewhere the same letters
 * are something else: a prefix of keys, say, or a tag.
 */
function renamed(value: Value, was: string, is: string): Value {
  if (isValueList(value)) return value.map((item) => renamed(item, was, is));
  if (!isValueMap(value)) return typeof value === 'string' ? renamedText(value, was, is) : value;
  const members = Object.entries(value).map(([key, member]): [string, Value] => [
    key,
    key === 'TargetBucket' && member === was ? is : renamed(member, was, is),
  ]);
  return Object.fromEntries(members) satisfies ValueMap;
}

function renamedText(text: string, was: string, is: string): string {
  const place = /^(arn:[^:]*:s3:::|https?:\/\/)([^/]*?)(\.s3[.-][^/]*)?(\/.*)?$/s.exec(text);
  if (place?.[2] !== was) return text;
  const [, before = '', , host = '', path = ''] = place;
  return before.startsWith('http') && host === '' ? text : `${before}${is}${host}${path}`;
}
