import { describe, expect, it } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Value } from '../../engine/base/value.ts';
import type { InputType } from '../../engine/model/playbook.ts';
import { parseInput } from '../../engine/model/typed-answer.ts';

const now = Instant.parse('2025-11-01T12:00:00Z')!;

const input = (type: InputType) => ({ type, options: [{ value: 'a', label: 'A' }] });

const read = (type: InputType, typed: string): Value | undefined => {
  const result = parseInput(input(type), typed, now);
  return result.ok ? result.value : undefined;
};

describe('typed answers', () => {
  it.each<[InputType, string, Value]>([
    ['time', '2025-11-01T13:05:00+01:00', Instant.parse('2025-11-01T12:05:00Z')!],
    ['time', 'now', now],
    ['time', '10m ago', Instant.parse('2025-11-01T11:50:00Z')!],
    ['duration', '1h30m', Duration.fromMillis(5_400_000)],
    ['number', '3', 3],
    ['number', '2.5', 2.5],
    ['number', '9007199254740993', 9007199254740993n],
    ['boolean', 'Yes', true],
    ['choice', 'a', 'a'],
    ['list', 'a, a,', ['a', 'a']],
    ['text', ' words ', 'words'],
  ])('%s: %s', (type, typed, value) => {
    expect(read(type, typed)).toEqual(value);
  });

  it.each<[InputType, string]>([
    ['time', 'ago'],
    ['time', '9999-12-31T00:00:00Z'],
    ['duration', '30'],
    ['number', '3 apples'],
    ['number', 'Infinity'],
    ['boolean', 'perhaps'],
    ['choice', 'b'],
    ['text', ' '],
  ])('%s refuses %s and says what it takes', (type, typed) => {
    const result = parseInput(input(type), typed, now);
    expect(result.ok ? '' : result.error).toMatch(/\w/);
    expect(result.ok).toBe(false);
  });

  it('takes only what is in a list, where there is one', () => {
    expect(read('list', 'a, c')).toBeUndefined();
  });
});
