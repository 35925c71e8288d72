import { describe, expect, it } from 'vitest';
import type { Span, Spans } from '../../../engine/measure/spans.ts';
import { inRows } from '../../../engine/report/page/lanes.ts';
import fc from '../../rig/fast-check.ts';

const span = (key: string, from: number, to: number, lane = 'l'): Span => ({
  key,
  title: key,
  lane,
  spentAs: 'machine',
  from,
  to,
});

const of = (spans: readonly Span[], lanes: readonly string[] = ['l']): Spans => ({
  lanes: lanes.map((key) => ({ key, title: key })),
  spans,
  points: [],
  down: [],
  passed: new Map(),
  total: 0,
});

describe('the rows of a timeline', () => {
  it('are one for a lane whose steps follow each other', () => {
    const { bars, count } = inRows(of([span('a', 0, 5), span('b', 5, 9)]), 0);
    expect(count).toBe(1);
    expect(bars.map(({ row }) => row)).toEqual([0, 0]);
  });

  it('are as many as there were steps at once', () => {
    const { lanes } = inRows(of([span('a', 0, 5), span('b', 2, 9), span('c', 5, 6)]), 0);
    expect(lanes).toEqual([{ key: 'l', from: 0, to: 2 }]);
  });

  it('draw as one what is too short to be seen', () => {
    const many = Array.from({ length: 1000 }, (_, at) => span(`s${String(at)}`, at, at + 1));
    const { bars } = inRows(of(many), 100);
    expect(bars.length).toBeLessThanOrEqual(11);
    expect(bars.reduce((sum, bar) => sum + bar.many, 0)).toBe(1000);
  });

  it('have no two bars over each other', () => {
    const anySpan = fc
      .tuple(fc.nat(50), fc.integer({ min: 1, max: 20 }), fc.constantFrom('l', 'm'))
      .map(([from, length, lane]) => ({ from, to: from + length, lane }));
    fc.assert(
      fc.property(fc.array(anySpan), (some) => {
        const spans = some.map(({ from, to, lane }, index) => span(`s${String(index)}`, from, to, lane));
        const { bars } = inRows(of(spans, ['l', 'm']), 0);
        expect(bars).toHaveLength(spans.length);
        for (const bar of bars) {
          const others = bars.filter((other) => other !== bar && other.row === bar.row);
          expect(others.every(({ from, to }) => to <= bar.from || from >= bar.to)).toBe(true);
        }
      }),
    );
  });
});
