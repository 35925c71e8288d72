import { describe, expect, it } from 'vitest';
import { columns, paragraph, table, truncate, wrap } from '../../engine/base/layout.ts';
import { harmless } from '../../engine/base/text.ts';
import fc from '../rig/fast-check.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map(harmless);

describe('lines', () => {
  it('are never wider than asked, whatever they hold', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (each, width) => {
        expect(columns(truncate(each.replaceAll(/[\n\t]/g, ' '), width, '…'))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('are wrapped without losing a character', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 40 }), (each, width) => {
        const lines = wrap(each, width);
        for (const row of lines) expect(columns(row)).toBeLessThanOrEqual(width);
        expect(lines.join('').replace(/\s/g, '')).toBe(each.replace(/\s/g, ''));
      }),
    );
  });

  it('measure wide characters as two columns', () => {
    expect(truncate('数据库已恢复', 7, '…')).toBe('数据库…');
    expect(wrap('数据库已恢复', 4)).toEqual(['数据', '库已', '恢复']);
    expect(paragraph('数据: ', 'one two', 10)).toEqual(['数据: one', '      two']);
  });
});

describe('a table', () => {
  it('has columns as wide as they are shown', () => {
    expect(
      table([
        ['数据库', 'x'],
        ['abc', 'y'],
      ]),
    ).toEqual(['数据库  x', 'abc     y']);
  });

  it('wraps its last column below itself', () => {
    expect(table([['a', 'one two']], { width: 8, indent: '  ' })).toEqual(['  a  one', '     two']);
  });

  it('has one line for a row, whatever its cells hold', () => {
    expect(
      table([
        ['a\nb', '\u001B[31mred\u202E'],
        ['c', 'd'],
      ]),
    ).toEqual(['a b  red', 'c    d']);
  });
});
