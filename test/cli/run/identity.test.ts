import { describe, expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import { newRunId } from '../../../engine/cli/run/identity.ts';

/** So many microseconds after a moment at the beginning of a minute. */
const after = (micros: number): Instant => {
  const minute = Instant.parse('2026-11-22T14:55:00Z');
  if (minute === undefined) throw new Error('no moment');
  return new Instant(minute.epochMicros + micros);
};

describe('the id of a run', () => {
  test('tells the minute, and four signs that are told apart when they are read out', () => {
    expect(newRunId(after(0))).toMatch(/^20261122-1455-22[a-hjkmnp-z2-9]{2}$/);
    expect(newRunId(after(59_999_999))).toMatch(/^20261122-1455-zz/);
  });

  test('sorts by time, also of runs that begin in one minute', () => {
    const ids = Array.from({ length: 900 }, (_, n) => newRunId(after(n * 70_000)));
    expect(ids.toSorted()).toEqual(ids);
  });

  test('is not the same for runs that begin at once', () => {
    expect(new Set(Array.from({ length: 20 }, () => newRunId(after(0)))).size).toBeGreaterThan(10);
  });
});
