import { describe, expect, it } from 'vitest';
import { Dice, mutateBytes } from './mutation.ts';

const text = Buffer.from('id: one\nsteps:\n  - when: ${{ inputs.deep }}\n');

describe('seeded mutations', () => {
  it('give the same for the same seed and number', () => {
    for (let index = 0; index < 50; index++) {
      expect(mutateBytes(text, new Dice(7, index))).toEqual(mutateBytes(text, new Dice(7, index)));
    }
  });

  it('differ from number to number, and from seed to seed', () => {
    const mutated = (seed: number): string[] =>
      Array.from({ length: 100 }, (_, index) => mutateBytes(text, new Dice(seed, index)).toString('hex'));
    expect(new Set([...mutated(7), ...mutated(8)]).size).toBeGreaterThan(150);
  });

  it('leave what they were given as it was', () => {
    const before = text.toString('hex');
    for (let index = 0; index < 50; index++) mutateBytes(text, new Dice(7, index));
    expect(text.toString('hex')).toBe(before);
  });

  it('throw dice that fall on every side about as often', () => {
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index++) {
      const side = new Dice(7, index).below(10);
      counts[side] = (counts[side] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
  });
});
