import { describe, expect, it } from 'vitest';
import { harmless, harmlessJson, marked, oneLine } from '../../engine/base/text.ts';
import fc from '../rig/fast-check.ts';

/** What repaints a terminal, turns a text around, or is not seen. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['an escape sequence', '\u001B[31m'],
  ['one that repaints', '\u001B[2J\u001B[H'],
  ['a title of the window', '\u001B]0;title\u0007'],
  ['a link', '\u001B]8;;http://evil.example\u0007'],
  ['a sequence in one character', '\u009B31m'],
  ['an escape that begins nothing', '\u001B\u0007'],
  ['a bell', '\u0007'],
  ['a character that goes back', '\u0008'],
  ['an override of the direction', '\u202E'],
  ['an isolate', '\u2066'],
  ['a mark of direction', '\u061C'],
  ['a space of no width', '\u200B'],
  ['a joiner', '\u2060'],
  ['a byte order mark', '\uFEFF'],
  ['a tag', '\u{E0041}'],
  ['a soft hyphen', '\u00AD'],
];

describe.each(HOSTILE)('%s', (_, hostile) => {
  it('is taken out', () => {
    expect(harmless(`be${hostile}fore`)).toBe('before');
    expect(oneLine(`be${hostile}fore`)).toBe('before');
  });

  it('means the same in JSON and is not there', () => {
    const text = harmlessJson({ [hostile]: [hostile] });
    expect(harmless(text)).toBe(text);
    expect(JSON.parse(text)).toEqual({ [hostile]: [hostile] });
  });

  it('is a mark in a line of a file, which stays as long as it was', () => {
    const shown = marked(`be${hostile}fore`);
    expect(shown).toHaveLength(`be${hostile}fore`.length);
    expect(shown).not.toContain(hostile);
  });
});

describe('text of others', () => {
  it('keeps its line ends, in one form, and its tabs', () => {
    expect(harmless('one\r\ntwo\tthree\rfour')).toBe('one\ntwo\tthree\nfour');
    expect(oneLine(' one\r\n  two\tthree\u2028four ')).toBe('one two  threefour');
  });

  it('is harmless once for all, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = harmless(text);
        expect(safe).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(harmless(safe)).toBe(safe);
      }),
    );
  });

  it('is otherwise what it was: accents, Chinese, emoji', () => {
    expect(harmless('Überprüfung 数据库 🎉 e\u0301')).toBe('Überprüfung 数据库 🎉 e\u0301');
  });
});
