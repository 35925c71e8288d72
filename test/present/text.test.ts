import { describe, expect, it } from 'vitest';
import { harmless } from '../../engine/base/text.ts';
import { fit, line, lineWidth, piece, plainLine, spread } from '../../engine/present/text.ts';
import fc from '../rig/fast-check.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map(harmless);

describe('text on a terminal', () => {
  it('is never wider than asked, whatever it holds', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (each, width) => {
        const flat = each.replaceAll(/[\n\t]/g, ' ');
        expect(lineWidth(fit([piece(flat), piece(flat, 'bad')], width, '…'))).toBeLessThanOrEqual(width);
        expect(lineWidth(spread(line(flat), line('12:03'), width, '…'))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('puts lengths of time at the right edge and cuts the rest', () => {
    expect(plainLine(spread(line('Restore the database'), line('4.0s'), 20, '…'))).toBe(
      'Restore the d…  4.0s',
    );
  });
});
