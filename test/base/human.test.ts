import { expect, test } from 'vitest';
import { brief, clockText, count, dateTime, humanDuration, rfc3339 } from '../../engine/base/human.ts';

test.each([
  [120, '120ms'],
  [8400, '8.4s'],
  [150_000, '2m 30s'],
  [3_900_000, '1h 05m'],
  [90_000_000, '1d 01h'],
  [-8400, '-8.4s'],
])('people read %i milliseconds as %s', (millis, text) => {
  expect(humanDuration(millis)).toBe(text);
});

test.each([
  [0, '0:00', '0s'],
  [63_999, '1:03', '1m'],
  [1_800_000, '30:00', '30m'],
  [5_400_000, '1:30:00', '1h 30m'],
  [-130_000, '-2:10', '-2m'],
])('%d ms is %s on a clock and %s in a word', (millis, clock, word) => {
  expect(clockText(millis)).toBe(clock);
  expect(brief(millis)).toBe(word);
});

test('a moment is told in UTC to the second, and a number that is none as it is', () => {
  expect(dateTime(1_763_823_303_000_000)).toBe('2025-11-22 14:55:03 UTC');
  expect(rfc3339(1.5)).toBe('1.5');
});

test.each([
  [0, '0 rows'],
  [1, '1 row'],
  [12_345, '12,345 rows'],
])('%d are counted as %s', (number, text) => {
  expect(count(number, 'row')).toBe(text);
});
