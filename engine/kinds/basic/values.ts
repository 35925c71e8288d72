import { Duration } from '../../base/duration.ts';
import { Instant } from '../../base/instant.ts';
import { canonicalJson } from '../../base/json.ts';
import type { Value } from '../../base/value.ts';
import { encodeValue, wholeNumber } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';

/** How far two values may lie apart. */
export type Tolerance =
  | { readonly type: 'number'; readonly by: number }
  /** Of the larger of the two. */
  | { readonly type: 'share'; readonly by: number }
  | { readonly type: 'time'; readonly micros: number };

/** `5`, `1%`, `30s`. */
export function toleranceOf(value: Value): Tolerance {
  if (value instanceof Duration) return { type: 'time', micros: value.micros };
  if (typeof value === 'number' && value >= 0) return { type: 'number', by: value };
  if (typeof value === 'string') {
    const share = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
    if (share !== undefined) return { type: 'share', by: Number(share) / 100 };
    const duration = Duration.parse(value);
    if (duration !== undefined) return { type: 'time', micros: duration.micros };
  }
  throw new StepError('a tolerance is neither a number, nor a share such as 1%, nor a duration', {
    code: 'usage',
  });
}

/** Equal, or apart by no more than the tolerance where it fits the values. */
export function isWithin(left: Value, right: Value, tolerance: Tolerance | undefined): boolean {
  if (tolerance !== undefined) {
    const distance = distanceOf(left, right, tolerance);
    if (distance !== undefined) return distance;
  }
  return keyText(left) === keyText(right);
}

/** Undefined where the tolerance is not one for such values. */
function distanceOf(left: Value, right: Value, tolerance: Tolerance): boolean | undefined {
  if (tolerance.type === 'time') {
    const [a, b] = [microsOf(left), microsOf(right)];
    return a === undefined || b === undefined ? undefined : Math.abs(a - b) <= tolerance.micros;
  }
  if (!isNumber(left) || !isNumber(right)) return undefined;
  const [a, b] = [Math.abs(Number(left)), Math.abs(Number(right))];
  const allowed = tolerance.type === 'number' ? tolerance.by : tolerance.by * Math.max(a, b);
  return apart(left, right) <= allowed;
}

const isNumber = (value: Value): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

/** Whole numbers are taken from each other before a digit is lost: two long ids lie 1 apart, not 0. */
const apart = (a: number | bigint, b: number | bigint): number =>
  Math.abs(isWhole(a) && isWhole(b) ? Number(BigInt(a) - BigInt(b)) : Number(a) - Number(b));

const isWhole = (value: number | bigint): boolean => typeof value === 'bigint' || Number.isInteger(value);

function microsOf(value: Value): number | undefined {
  if (value instanceof Duration) return value.micros;
  const instant =
    value instanceof Instant ? value : typeof value === 'string' ? Instant.parse(value) : undefined;
  return instant?.epochMicros;
}

/** Equal for equal values: the order of members does not count, nor how a whole number is held. */
export const keyText = (value: Value): string => canonicalJson(encodeValue(plain(value)));

const plain = (value: Value): Value => (typeof value === 'bigint' ? wholeNumber(value) : value);
