import { expect, test } from 'vitest';
import { insertOrder } from '../../../../engine/kinds/postgres/rows/order.ts';

const refers = (child: string, parent: string) => ({ child, parent });

test('parents come before children, in whatever order they are named', () => {
  const references = [refers('videos', 'inspections'), refers('inspections', 'users')];
  expect(insertOrder(['videos', 'users', 'inspections'], references)).toEqual([
    ['users'],
    ['inspections'],
    ['videos'],
  ]);
});

test('a table that refers to itself, or to one that is not among them, is like any other', () => {
  expect(insertOrder(['a', 'b'], [refers('a', 'a'), refers('a', 'elsewhere'), refers('a', 'b')])).toEqual([
    ['b'],
    ['a'],
  ]);
});

test('a circle is one group, between its parents and its children', () => {
  const circle = [refers('a', 'b'), refers('b', 'c'), refers('c', 'a')];
  expect(
    insertOrder(['child', 'c', 'b', 'parent', 'a'], [...circle, refers('child', 'a'), refers('b', 'parent')]),
  ).toEqual([['parent'], ['a', 'b', 'c'], ['child']]);
});
