import { describe, expect, it } from 'vitest';
import type { Stroke } from '../../engine/present/prompt/strokes.ts';
import { Strokes } from '../../engine/present/prompt/strokes.ts';

const read = (...chunks: readonly string[]): readonly Stroke[] => {
  const strokes = new Strokes();
  return chunks.flatMap((chunk) => strokes.read(chunk));
};
const key = (pressed: string): Stroke => ({ type: 'key', key: pressed });
const pasted = (text: string): Stroke => ({ type: 'pasted', text });

describe('what a terminal sends', () => {
  it.each<[string, readonly string[], readonly Stroke[]]>([
    ['one character', ['g'], [key('g')]],
    ['an arrow', ['\u001B[A'], [key('\u001B[A')]],
    ['an arrow in two parts', ['\u001B', '[A'], [key('\u001B'), key('\u001B[A')]],
    ['Escape, and a letter later', ['\u001B', 'g'], [key('\u001B'), key('g')]],
    ['arrows that were held down', ['\u001B[A\u001B[A'], [key('\u001B[A'), key('\u001B[A')]],
    ['characters at once', ['go'], [pasted('go')]],
    ['a key that was held down', ['\r\r\r'], [pasted('\r\r\r')]],
    ['a letter with Alt', ['\u001Bg'], [pasted('\u001Bg')]],
    ['a paste', ['\u001B[200~g\u001B[201~'], [pasted('g')]],
    ['a paste that comes in parts', ['\u001B[20', '0~er', 'r', 'or\u001B[2', '01~'], [pasted('error')]],
    ['a key after a paste', ['\u001B[200~a\u001B[201~', 'g'], [pasted('a'), key('g')]],
    ['Ctrl-C with other keys', ['gg\u0003'], [key('\u0003')]],
    ['Ctrl-C inside of a paste', ['\u001B[200~a\u0003b\u001B[201~'], [pasted('a\u0003b')]],
    ['Ctrl-C in a paste without an end', ['\u001B[200~a', '\u0003', 'p'], [key('\u0003'), key('p')]],
    ['a character of another plane', ['\u{1F600}'], [key('\u{1F600}')]],
  ])('%s', (_, chunks, strokes) => {
    expect(read(...chunks)).toEqual(strokes);
  });
});
