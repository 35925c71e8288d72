import { expect, test } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import fc from '../rig/fast-check.ts';

test.each([
  ['2025-11-01T12:00:00Z', 1_761_998_400_000_000],
  ['2025-11-01T12:00:00.000001Z', 1_761_998_400_000_001],
  ['2025-11-01T13:00:00+01:00', 1_761_998_400_000_000],
  ['2025-11-01T06:30:00-05:30', 1_761_998_400_000_000],
  ['1970-01-01T00:00:00Z', 0],
])('%s is %i microseconds since the epoch', (text, micros) => {
  expect(Instant.parse(text)?.epochMicros).toBe(micros);
});

test.each([
  '2025-11-01T12:00:00',
  '2025-11-01',
  '2025-02-30T12:00:00Z',
  '2025-13-01T12:00:00Z',
  'tomorrow',
  '',
])('"%s" is no moment', (text) => {
  expect(Instant.parse(text)).toBeUndefined();
});

test('what is written is read as the same moment', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (micros) => {
      expect(Instant.parse(new Instant(micros).toString())?.epochMicros).toBe(micros);
    }),
  );
});
