import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  columns,
  fit,
  harmless,
  line,
  lineWidth,
  piece,
  plainLine,
  spread,
  truncate,
  wrap,
} from '../../engine/present/text.ts';
import { brief, clockText } from '../../engine/present/time.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map(harmless);

describe('text on a terminal', () => {
  it('takes escape sequences and direction marks out of what others wrote', () => {
    expect(harmless('\u001B[2J\u001B]0;title\u0007safe\u0008\u202Egpj.exe')).toBe('safegpj.exe');
    expect(harmless('one\r\ntwo\tthree')).toBe('one\ntwo  three');
  });

  it('is never wider than asked, whatever it holds', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (each, width) => {
        const flat = each.replaceAll('\n', ' ');
        expect(columns(truncate(flat, width, '…'))).toBeLessThanOrEqual(width);
        expect(lineWidth(fit([piece(flat), piece(flat, 'bad')], width, '…'))).toBeLessThanOrEqual(width);
        expect(lineWidth(spread(line(flat), line('12:03'), width, '…'))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('wraps without losing a character', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (each, width) => {
        const lines = wrap(each, width);
        for (const row of lines) expect(columns(row)).toBeLessThanOrEqual(width);
        expect(lines.join('').replace(/\s/g, '')).toBe(each.replace(/\s/g, ''));
      }),
    );
  });

  it('measures wide characters as two columns', () => {
    expect(truncate('数据库已恢复', 7, '…')).toBe('数据库…');
    expect(wrap('数据库已恢复', 4)).toEqual(['数据', '库已', '恢复']);
  });

  it('puts lengths of time at the right edge and cuts the rest', () => {
    expect(plainLine(spread(line('Restore the database'), line('4.0s'), 20, '…'))).toBe(
      'Restore the d…  4.0s',
    );
  });
});

describe('time on a terminal', () => {
  it.each([
    [0, '0:00', '0s'],
    [63_999, '1:03', '1m'],
    [1_800_000, '30:00', '30m'],
    [5_400_000, '1:30:00', '1h 30m'],
    [-130_000, '-2:10', '-2m'],
  ])('%d ms is %s on a clock and %s in a word', (millis, clock, word) => {
    expect(clockText(millis)).toBe(clock);
    expect(brief(millis)).toBe(word);
  });
});
