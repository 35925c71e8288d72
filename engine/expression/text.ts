import { Duration } from '../base/duration.ts';
import { Instant } from '../base/instant.ts';
import { shownJson } from '../base/json-text.ts';
import { isValueList, isValueMap } from '../base/value.ts';
import type { Value } from '../base/value.ts';
import { isHandle } from '../model/handle.ts';

/** A secret's handle was about to become part of a text. */
export class SecretInText extends Error {
  override readonly name = 'SecretInText';
}

/**
 * A value as part of a text: times in RFC 3339, durations as `1h30m`, lists and objects as
 * JSON. Throws `SecretInText` for a handle and for anything that holds one.
 */
export function valueText(value: Value): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Instant || value instanceof Duration) return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (holdsHandle(value)) {
    throw new SecretInText(
      'a secret cannot become part of a text; give its handle to a field that takes one',
    );
  }
  return shownJson(value);
}

function holdsHandle(value: Value): boolean {
  if (isValueList(value)) return value.some(holdsHandle);
  return isHandle(value) || (isValueMap(value) && Object.values(value).some(holdsHandle));
}
