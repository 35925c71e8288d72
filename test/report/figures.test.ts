import { describe, expect, it } from 'vitest';
import { judgedText } from '../../engine/report/figures.ts';

const HOUR = 3_600_000;

describe('an objective in a cell', () => {
  it.each([
    ['–', undefined],
    ['12.0s met', { verdict: 'met', targetMs: HOUR, actualMs: 12_000 }],
    ['unproven', { verdict: 'unproven', targetMs: HOUR }],
    ['≥ 12.0s unproven', { verdict: 'unproven', targetMs: HOUR, actualMs: 12_000, isAtLeast: true }],
    [
      '3.0s met here, missed by 4h 00m in the real world',
      { verdict: 'missed', targetMs: HOUR, actualMs: 3000, real: { here: 'met', actualMs: 5 * HOUR } },
    ],
    [
      '2h 00m missed, really 5h 00m',
      { verdict: 'missed', targetMs: HOUR, actualMs: 2 * HOUR, real: { here: 'missed', actualMs: 5 * HOUR } },
    ],
    ['6h 00m met of 1d', { verdict: 'met', targetMs: 24 * HOUR, actualMs: 6 * HOUR }],
  ] as const)('reads %s', (text, judged) => {
    const promised = text.endsWith('1d') ? 0 : HOUR;
    expect(judgedText(judged, promised)).toBe(text);
  });
});
