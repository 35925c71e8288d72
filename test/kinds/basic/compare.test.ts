import { describe, expect, test } from 'vitest';
import { Duration } from '../../../engine/base/duration.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('compare');
const run = (args: ValueMap): Promise<ValueMap> => kind.run(args, stepRig().context);

const tables = [
  { name: 'users', rows: 50 },
  { name: 'videos', rows: 500 },
];

test('equal lists, whatever their order', async () => {
  const output = await run({ left: tables, right: [...tables].reverse(), key: ['name'] });
  expect(output).toMatchObject({ equal: true, counts: { left: 2, right: 2, same: 2, different: 0 } });
});

test('says what is missing, what is extra, and which member differs', async () => {
  const right = [
    { name: 'videos', rows: 499 },
    { name: 'audits', rows: 1 },
  ];
  expect(await run({ left: tables, right, key: ['name'] })).toMatchObject({
    equal: false,
    counts: { left: 2, right: 2, same: 0, missing: 1, extra: 1, different: 1 },
    missing: ['users'],
    extra: ['audits'],
    different: [{ key: 'videos', member: 'rows', left: 500, right: 499 }],
  });
});

test('lists of plain values are their own keys', async () => {
  expect(await run({ left: ['a', 'b'], right: ['b', 'c'] })).toMatchObject({ missing: ['a'], extra: ['c'] });
});

test('a key of several members', async () => {
  const left = [
    { schema: 'a', table: 't' },
    { schema: 'b', table: 't' },
  ];
  expect(await run({ left, right: left.slice(1), key: ['schema', 'table'] })).toMatchObject({
    missing: [['a', 't']],
  });
});

test('what two servers say of the same row: whole numbers however they are held, times as times', async () => {
  const at = Instant.parse('2025-11-01T12:00:00Z');
  const left = [{ id: 7, big: 9007199254740993n, at: at ?? null }];
  const right = [{ id: 7n, big: 9007199254740993n, at: Instant.parse('2025-11-01T13:00:00+01:00') ?? null }];
  expect(await run({ left, right, key: ['id'] })).toMatchObject({ equal: true });
});

describe('a tolerance', () => {
  const right = [
    { name: 'users', rows: 50 },
    { name: 'videos', rows: 497 },
  ];

  test.each([
    [2, false],
    [3, true],
    ['0.5%', false],
    ['1%', true],
  ])('of %s', async (tolerance, equal) => {
    expect(await run({ left: tables, right, key: ['name'], tolerance })).toMatchObject({ equal });
  });

  test('of one member, and others are ignored', async () => {
    const left = [{ name: 'a', rows: 10, bytes: 100, note: 'x' }];
    const other = [{ name: 'a', rows: 11, bytes: 101, note: 'y' }];
    expect(
      await run({ left, right: other, key: ['name'], tolerance: { rows: 1 }, ignore: ['note'] }),
    ).toMatchObject({ different: [{ member: 'bytes' }] });
  });

  test('of time', async () => {
    const left = [{ id: 1, at: '2025-11-01T12:00:00Z' }];
    const later = [{ id: 1, at: Instant.parse('2025-11-01T12:00:05Z') ?? null }];
    const within = (seconds: number) => new Duration(seconds * 1_000_000);
    const args = { left, right: later, key: ['id'] };
    expect(await run({ ...args, tolerance: within(5) })).toMatchObject({ equal: true });
    expect(await run({ ...args, tolerance: '4s' })).toMatchObject({ equal: false });
  });

  test('that is none', async () => {
    const work = run({ left: [], right: [], tolerance: 'a little' });
    expect(await failureOf(work)).toMatchObject({ code: 'usage' });
  });
});

test('empty lists are equal, and an empty one lacks everything', async () => {
  expect(await run({ left: [], right: [] })).toMatchObject({ equal: true, counts: { left: 0, right: 0 } });
  expect(await run({ left: tables, right: [], key: ['name'] })).toMatchObject({ counts: { missing: 2 } });
});

test('of many differences the first thousand are kept, and all are counted', async () => {
  const left = Array.from({ length: 2500 }, (_, index) => index);
  const output = await run({ left, right: [] });
  expect(output).toMatchObject({ counts: { missing: 2500 }, truncated: true });
  expect(output['missing']).toHaveLength(1000);
});

test('two entries of one key, or one without: said with its place', async () => {
  const twice = run({ left: [...tables, ...tables], right: [], key: ['name'] });
  expect(await failureOf(twice)).toMatchObject({ code: 'duplicateKey' });
  const none = await failureOf(run({ left: tables, right: [{ rows: 1 }], key: ['name'] }));
  expect(none).toMatchObject({ code: 'noKey', message: 'right[0] has no "name"' });
});

test('touches nothing', () => {
  expect(kind.effect({ left: [], right: [] })).toBe('none');
  expect(kind.describe({ left: tables, right: tables, key: ['name'] })).toBe(
    'Compare 2 with 2 entries by name',
  );
});
