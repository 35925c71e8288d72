import { expect, test } from 'vitest';
import { compareKeys } from '../../../engine/kinds/s3/client/list.ts';
import { encodePath } from '../../../engine/kinds/s3/client/encoding.ts';
import fc from '../../rig/fast-check.ts';

test('a path is encoded once, and its slashes stay', () => {
  expect(encodePath("a b/ü+%20!'()*.mp4")).toBe('a%20b/%C3%BC%2B%2520%21%27%28%29%2A.mp4');
});

test('keys are in the order of their UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});
