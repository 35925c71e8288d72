import { expect, test } from 'vitest';
import { pagesToOverwrite } from '../../../engine/sandbox/faults/corrupt-pages.ts';
import fc from '../../rig/fast-check.ts';

const totals = fc.integer({ min: 1, max: 5000 });
const shares = fc.double({ min: 0.0001, max: 1, noNaN: true });

test('as many pages as the share says are overwritten, each once', () => {
  fc.assert(
    fc.property(totals, shares, (total, share) => {
      const pages = pagesToOverwrite(total, share);
      expect(pages).toHaveLength(Math.max(1, Math.round(total * share)));
      expect(new Set(pages).size).toBe(pages.length);
      for (const page of pages) expect(page >= 0 && page < total).toBe(true);
    }),
  );
});

test('the newest pages are spared where the others suffice, and none is when all are meant', () => {
  fc.assert(
    fc.property(totals, fc.double({ min: 0.0001, max: 0.8, noNaN: true }), (total, share) => {
      fc.pre(total >= 10);
      expect(pagesToOverwrite(total, share).every((page) => page < total * 0.9)).toBe(true);
    }),
  );
  expect(pagesToOverwrite(5, 1)).toEqual([0, 1, 2, 3, 4]);
  expect(pagesToOverwrite(1, 0.2)).toEqual([0]);
});

test('they are spread over the file', () => {
  expect(pagesToOverwrite(100, 0.1)).toEqual([0, 9, 18, 27, 36, 45, 54, 63, 72, 81]);
});
