import { expect, test } from 'vitest';
import { nearest } from '../../engine/source/nearest.ts';

test.each([
  ['timeuot', ['timeout', 'title'], 'timeout'],
  ['onwer', ['owner', 'outputs'], 'owner'],
  ['http.reqest', ['http.request', 'sql.query'], 'http.request'],
  ['StopAPI', ['stopApi'], 'stopApi'],
  ['evn', ['env', 'now'], 'env'],
  ['a', ['b'], undefined],
  ['frobnicate', ['timeout', 'retry'], undefined],
  ['scop', ['stop', 'scope'], 'stop'],
  ['x', [], undefined],
])('"%s" among %j means %j', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});
