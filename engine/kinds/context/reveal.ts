import { writeJson } from '../../base/json-text.ts';
import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Handle } from '../../model/handle.ts';
import { isHandle } from '../../model/handle.ts';
import type { StepContext } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { quote } from './quote.ts';

/** A value on its way out as text: a secret is revealed here, a time is RFC 3339, a duration `1h30m`. */
export async function plainText(
  value: Value,
  where: string,
  { secrets, signal }: Pick<StepContext, 'secrets' | 'signal'>,
): Promise<string> {
  if (isHandle(value)) return (await secrets.reveal(value, signal)).reveal();
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (value !== null && typeof value !== 'object') return String(value);
  throw new StepError(`"${where}" is neither a text, a number, a boolean, a time nor a secret`, {
    code: 'usage',
  });
}

/** The members of a map as texts, in their order. */
export async function plainTexts(
  values: ValueMap,
  where: string,
  context: Pick<StepContext, 'secrets' | 'signal'>,
): Promise<Record<string, string>> {
  const entries: (readonly [string, string])[] = [];
  for (const [key, value] of Object.entries(values)) {
    entries.push([key, await plainText(value, `${where}.${key}`, context)]);
  }
  return Object.fromEntries(entries);
}

/** A value on its way out as JSON: secrets at any depth are revealed, whole numbers beyond 2^53 are texts. */
export async function plainJson(
  value: Value,
  context: Pick<StepContext, 'secrets' | 'signal'>,
): Promise<unknown> {
  if (isValueList(value)) return Promise.all(value.map((item) => plainJson(item, context)));
  if (isValueMap(value) && !isHandle(value)) {
    const members = Object.entries(value).map(async ([key, member]) => [
      key,
      await plainJson(member, context),
    ]);
    return Object.fromEntries((await Promise.all(members)) as [string, unknown][]);
  }
  if (value === null || ['number', 'bigint', 'boolean'].includes(typeof value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return plainText(value, 'json', context);
}

/** A secret as a person would see it in a command: `$NAME` of a variable, `$(cat PATH)` of a file. */
export function shownSecret({ $ref, name, path, at }: Handle): string {
  const filter = typeof at === 'string' ? quote(at.split('/').map(member).join('')) : undefined;
  if ($ref === 'file' && typeof path === 'string') {
    return filter === undefined ? `$(cat ${quote(path)})` : `$(jq -r .${filter} ${quote(path)})`;
  }
  const variable = `$${typeof name === 'string' ? name : 'SECRET'}`;
  return filter === undefined ? variable : `$(jq -r .${filter} <<< "${variable}")`;
}

/** As jq asks for it. */
const member = (key: string): string => (/^\d+$/.test(key) ? `[${key}]` : `[${JSON.stringify(key)}]`);

/** A value as a person would see it in a command: the name of a secret in its place. */
export function shownText(value: Value): string {
  if (isHandle(value)) return shownSecret(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return isValueList(value) || isValueMap(value) ? shownJson(value) : String(value);
}

/** The same as JSON. */
export const shownJson = (value: Value): string => writeJson(masked(value));

function masked(value: Value): unknown {
  if (isValueList(value)) return value.map(masked);
  if (isValueMap(value) && !isHandle(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, masked(member)]));
  }
  return value === null || ['number', 'bigint', 'boolean'].includes(typeof value) ? value : shownText(value);
}
