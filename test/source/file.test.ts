import { expect, test } from 'vitest';
import { SourceFile } from '../../engine/source/file.ts';

const file = new SourceFile('a.yaml', 'ab\r\ncd\n\nö');

test.each([
  [0, 1, 1],
  [1, 1, 2],
  [4, 2, 1],
  [7, 3, 1],
  [8, 4, 1],
  [9, 4, 2],
])('offset %i is line %i, column %i', (offset, line, column) => {
  expect(file.position(offset)).toEqual({ line, column });
});

test('lines come without their ends', () => {
  expect([1, 2, 3, 4, 5].map((number) => file.line(number))).toEqual(['ab', 'cd', '', 'ö', '']);
  expect(file.lineCount).toBe(4);
});
