import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { canonicalJson } from '../base/json.ts';
import type { Value } from '../base/value.ts';
import { encodeValue, isValueList, isValueMap } from '../base/value.ts';
import { isHandle } from '../model/handle.ts';

/** A value as a person would write it. */
export function formatValue(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'nothing';
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return `${String(value.length)} bytes`;
  if (isValueList(value)) return value.map(formatValue).join(', ');
  if (typeof value !== 'object') return String(value);
  if (!isValueMap(value) || isHandle(value)) return canonicalJson(encodeValue(value));
  const members = Object.entries(value).map(([name, member]) => `${name}: ${formatValue(member)}`);
  return members.length === 0 ? 'nothing' : members.join(', ');
}
