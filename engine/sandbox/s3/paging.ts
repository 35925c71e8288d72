import type { KeyIndex } from './key-index.ts';

export interface PageRequest<T> {
  readonly keys: KeyIndex;
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly limit: number;
  /** The page begins after this key, or after the keys of this common prefix. */
  readonly after: string | undefined;
  /** Some entries of the key `after` itself may still be due. */
  readonly within?: boolean;
  /** What is listed of a key: nothing, its object, its versions. */
  readonly entriesOf: (key: string) => readonly T[];
}

export interface Page<T> {
  readonly entries: readonly T[];
  readonly prefixes: readonly string[];
  readonly truncated: boolean;
  /** The last key or common prefix of the page: the next page begins after it. */
  readonly last: string | undefined;
}

/** One page of a listing. Keys with the delimiter after the prefix are rolled up to common prefixes, each of which counts once. */
export function page<T>(request: PageRequest<T>): Page<T> {
  const { keys, limit, entriesOf } = request;
  const entries: T[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const isFull = (): boolean => entries.length + prefixes.length >= limit;
  const done = (truncated: boolean): Page<T> => ({ entries, prefixes, truncated, last });
  if (limit === 0) return done(false);
  for (let index = firstIndex(request); ;) {
    const key = keys.at(index);
    if (key?.startsWith(request.prefix) !== true) return done(false);
    const listed = entriesOf(key);
    const rolledUp = commonPrefixOf(key, request);
    if (listed.length === 0) {
      index += 1;
    } else if (rolledUp !== undefined) {
      if (isFull()) return done(true);
      prefixes.push(rolledUp);
      last = rolledUp;
      index = keys.afterPrefix(rolledUp);
    } else {
      for (const entry of listed) {
        if (isFull()) return done(true);
        entries.push(entry);
        last = key;
      }
      index += 1;
    }
  }
}

function firstIndex<T>({ keys, prefix, after, within, delimiter }: PageRequest<T>): number {
  const atPrefix = keys.from(prefix);
  if (after === undefined) return atPrefix;
  const isCommonPrefix = delimiter !== undefined && after.startsWith(prefix) && after.endsWith(delimiter);
  if (isCommonPrefix && after.length > prefix.length) return Math.max(atPrefix, keys.afterPrefix(after));
  return Math.max(atPrefix, within === true ? keys.from(after) : keys.after(after));
}

function commonPrefixOf<T>(key: string, { prefix, delimiter }: PageRequest<T>): string | undefined {
  if (delimiter === undefined) return undefined;
  const end = key.indexOf(delimiter, prefix.length);
  return end < 0 ? undefined : key.slice(0, end + delimiter.length);
}
