import { expect, test } from 'vitest';
import { aShare } from './draw.ts';

const items = Array.from({ length: 40 }, (_, index) => index);
const lists = Array.from({ length: 100 }, (_, index) => `list ${index}`);

test('of a list a share is drawn that is spread evenly, the same each time', () => {
  const share = aShare(4, 'list', items);
  expect(share).toEqual(Array.from({ length: 10 }, (_, index) => (share[0] ?? 0) + 4 * index));
  expect(aShare(4, 'list', items)).toEqual(share);
});

test('every item has its turn, in one list or another', () => {
  expect(new Set(lists.flatMap((list) => aShare(4, list, items)))).toEqual(new Set(items));
});

test('one in one is all', () => {
  expect(aShare(1, 'list', items)).toEqual(items);
});
