import { describe, expect, it } from 'vitest';
import { sparkline } from '../../engine/report/sparkline.ts';

describe('a sparkline', () => {
  it('is full where the target was missed, and only there', () => {
    expect(sparkline([10, 59, 60, 61, 600], 60)).toBe('▂▇▇██');
  });

  it('shares its height among values that are far below the target', () => {
    expect(sparkline([1, 2, 3], 1000)).toBe('▃▅▇');
  });

  it('is flat of nothing lost at all', () => {
    expect(sparkline([0, 0], 0)).toBe('▁▁');
    expect(sparkline([], 10)).toBe('');
  });
});
