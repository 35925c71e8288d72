import { describe, expect, it } from 'vitest';
import type { Value } from '../../engine/base/value.ts';
import { readJson, shownJson, writeJson } from '../../engine/base/json-text.ts';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import fc from '../rig/fast-check.ts';

describe('JSON from outside', () => {
  it.each([
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['9007199254740991', 9007199254740991],
    ['18446744073709551615', 18446744073709551615n],
    ['{"id": 9223372036854775807, "n": [1, 2.5]}', { id: 9223372036854775807n, n: [1, 2.5] }],
    ['"9007199254740993"', '9007199254740993'],
    ['1.00000000000000000001', 1],
    ['12345678901234567890e3', 12345678901234567890e3],
    ['{"a": 1, "a": 9007199254740993}', { a: 9007199254740993n }],
  ])('%s keeps its value', (text, value) => {
    expect(readJson(text)).toEqual(value);
  });

  it('is read and written without a loss, whatever its names are', () => {
    const whole = fc.oneof(
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
      fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(whole, fc.maxSafeInteger(), fc.string(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value')),
        fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), {
          noNullPrototype: true,
        }),
      ),
    }));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (given, indent) => {
        expect(readJson(writeJson(given, indent))).toEqual(given);
      }),
    );
  });

  it.each(['', '{', '[1234567890123456789', '{"a": 1234567890123456789}}', '01234567890123456789'])(
    '%j is none',
    (text) => {
      expect(() => readJson(text)).toThrow(SyntaxError);
    },
  );
});

it.each<[string, Value, string]>([
  ['a long whole number', 9007199254740993n, '9007199254740993'],
  ['a time', Instant.parse('2026-01-05T00:00:00Z')!, '"2026-01-05T00:00:00.000Z"'],
  ['a duration', Duration.parse('1h30m')!, '"1h30m"'],
  ['bytes', new Uint8Array([1, 2]), '"AQI="'],
  ['no number', NaN, '"NaN"'],
  ['nothing', null, 'null'],
])('%s is shown as other programs write it, at any depth', (_, value, written) => {
  expect(shownJson(value)).toBe(written);
  expect(shownJson([value])).toBe(`[${written}]`);
  expect(shownJson({ list: [{ member: value }] })).toBe(`{"list":[{"member":${written}}]}`);
});
