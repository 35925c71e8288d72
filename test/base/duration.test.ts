import { expect, test } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import fc from '../rig/fast-check.ts';

test.each([
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1.5h', 5_400_000],
  ['-10m', -600_000],
  ['1d', 86_400_000],
  ['0', 0],
])('"%s" is %i milliseconds', (text, millis) => {
  expect(Duration.parse(text)?.millis).toBe(millis);
});

test.each(['30', '10 s', '1m1h', '1s1s', 'often', '', '-', '5 minutes', '1h-30m'])(
  '"%s" is no duration',
  (text) => {
    expect(Duration.parse(text)).toBeUndefined();
  },
);

test('what is written is read as the same length', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), (micros) => {
      expect(Duration.parse(new Duration(micros).toString())?.micros).toBe(micros);
    }),
  );
});
