import type { Value } from '../base/value.ts';
import { encodeValue } from '../base/value.ts';

/** A value where people read it: text as it is, anything else as JSON. */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  const json = encodeValue(value);
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** What was thrown, in words. */
export const messageOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
