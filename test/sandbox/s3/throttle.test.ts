import { expect, test } from 'vitest';
import { Throttle } from '../../../engine/sandbox/s3/throttle.ts';

test('serves only so many requests in any second, where it is told to', () => {
  let now = 0;
  const throttle = new Throttle(() => now);
  throttle.perSecond = 5;
  const served = (count: number): number =>
    Array.from({ length: count }, () => throttle.admits()).filter(Boolean).length;
  expect(served(3)).toBe(3);
  now = 600;
  expect(served(12)).toBe(2);
  now = 1000;
  expect(served(12)).toBe(3);
  now = 1600;
  expect(served(12)).toBe(2);
});
