import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Json } from '../../engine/base/json.ts';
import type { Value } from '../../engine/base/value.ts';
import { decodeValue, encodeValue, isValueMap, valueMap } from '../../engine/base/value.ts';
import fc from '../rig/fast-check.ts';

/** Through the text of a journal and back. */
const throughJournal = (value: Value): Value =>
  decodeValue(JSON.parse(JSON.stringify(encodeValue(value))) as Json);

/** Names that mean something to the codec or to JavaScript, and any others. */
const name = fc.oneof(
  fc.constantFrom(
    '$time',
    '$duration',
    '$int',
    '$double',
    '$bytes',
    '$map',
    '$ref',
    '__proto__',
    'constructor',
    '1',
  ),
  fc.string(),
);

const { value: anyValue } = fc.letrec<{ value: Value; leaf: Value }>((tie) => ({
  leaf: fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double().filter((number) => !Object.is(number, -0)),
    fc.bigInt().filter((number) => !Number.isSafeInteger(Number(number))),
    fc.string({ unit: 'binary' }),
    fc.maxSafeInteger().map((micros) => new Instant(micros)),
    fc.maxSafeInteger().map((micros) => new Duration(micros)),
    fc.uint8Array(),
  ),
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 4 }).map(valueMap),
  ),
}));

describe('a value', () => {
  it('comes back from the journal as it was, with its type', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        // Not by `toStrictEqual`, which takes a member named `constructor` for the class.
        expect(isDeepStrictEqual(throughJournal(value), value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, Value]>([
    ['a moment to the microsecond', Instant.parse('2026-11-22T14:55:03.123456Z') ?? null],
    ['a moment before 1970', new Instant(-1)],
    ['a negative length of time', new Duration(-90_000_001)],
    ['an integer beyond what a number holds', 2n ** 64n],
    ['what is no number', NaN],
    ['no end', [Infinity, -Infinity]],
    ['a map that looks like a tag', { $time: 'not a time' }],
    ['a map that looks like an escaped map', { $map: { $map: {} } }],
    ['a map with a tag and more', { $int: '1', other: 2 }],
    ['a handle', { $ref: 'render.postgres', id: 'dpg-1' }],
    ['nothing', {}],
  ])('may be %s', (_, value) => {
    expect(throughJournal(value)).toStrictEqual(value);
  });

  it('keeps a key that JavaScript would take for something else', () => {
    const value = throughJournal(valueMap([['__proto__', 1]]));
    expect(isValueMap(value) && Object.entries(value)).toEqual([['__proto__', 1]]);
  });

  it('is always found, also in a journal from which a secret was taken', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), name, (json, tag) => {
        expect(() => decodeValue({ [tag]: json as Json })).not.toThrow();
      }),
      { numRuns: 1000 },
    );
    expect(decodeValue({ $int: '[secret]' })).toBe('[secret]');
    expect(decodeValue({ $time: '[secret]' })).toBe('[secret]');
    expect(decodeValue({ $map: '[secret]' })).toBe('[secret]');
  });
});
