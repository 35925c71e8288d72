import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import { shownJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';

/** A value where people read it: text, moments and lengths of time as they are written, anything else as JSON. */
export function shownText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  return shownJson(value);
}

/** A value where people decide about it: lists without brackets, and of a secret only that it is one. */
export function shownAs(value: Value): string {
  if (isValueList(value)) return value.map(shownAs).join(', ');
  return isHandle(value) ? '(a secret)' : shownText(value);
}

/** What was thrown, in words. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
