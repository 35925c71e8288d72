import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { columns, paragraph, table, truncate, wrap } from '../../engine/base/layout.ts';
import { harmless } from '../../engine/base/text.ts';
import fc from '../rig/fast-check.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map(harmless);

describe('lines', () => {
  it('are as wide as they are shown, also those that are counted the short way', () => {
    const units = [
      ...Array.from('–…·✓✗≥“”'),
      ...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)),
      '界',
      'é',
    ];
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...units), maxLength: 12 }), (each) => {
        expect(columns(each)).toBe(stringWidth(each));
      }),
    );
  });

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

  const RUNS = [
    ['RUN', 'STATE', 'PLAYBOOK', 'RTA'],
    ['20261101-0312-k3fq', 'succeeded', 'migrate-to-backup-region', '3h 05m met'],
    ['20261101-0410-w8zd', '–', 'migrate-to-backup-bucket', ''],
  ];

  it.each([
    [
      70,
      [
        'RUN                 STATE      PLAYBOOK                  RTA',
        '20261101-0312-k3fq  succeeded  migrate-to-backup-region  3h 05m met',
        '20261101-0410-w8zd  –          migrate-to-backup-bucket',
      ],
    ],
    [
      60,
      [
        'RUN                 STATE      PLAYBOOK           RTA',
        '20261101-0312-k3fq  succeeded  migrate-…p-region  3h 05m met',
        '20261101-0410-w8zd  –          migrate-…p-bucket',
      ],
    ],
    [
      40,
      [
        '20261101-0312-k3fq',
        '  state succeeded, playbook',
        '  migrate-to-backup-region, rta 3h 05m',
        '  met',
        '20261101-0410-w8zd',
        '  playbook migrate-to-backup-bucket',
      ],
    ],
  ])(
    'of %i columns is cut where it may be, and told line by line where that is not enough',
    (width, lines) => {
      expect(table(RUNS, { width, cut: [2] })).toEqual(lines);
      for (const line of lines) expect(columns(line)).toBeLessThanOrEqual(width);
    },
  );

  it('has one line for a row, whatever its cells hold', () => {
    expect(
      table([
        ['a\nb', '\u001B[31mred\u202E'],
        ['c', 'd'],
      ]),
    ).toEqual(['a b  red', 'c    d']);
  });
});
