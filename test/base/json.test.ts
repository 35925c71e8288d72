import { expect, test } from 'vitest';
import type { Json } from '../../engine/base/json.ts';
import { canonicalJson } from '../../engine/base/json.ts';
import fc from '../rig/fast-check.ts';

test('keys are in order and no space is wasted', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'ü"' }], a: true })).toBe(
    '{"a":true,"b":[1,{"c":"ü\\"","d":null}]}',
  );
});

test('it says the same as JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as Json;
      expect(JSON.parse(canonicalJson(json))).toEqual(json);
    }),
  );
});
