import { expect, test } from 'vitest';
import fc from './fast-check.ts';
import { SEED } from './seed.ts';

test('the processes of a suite draw from one seed, and fast-check draws from it', () => {
  expect(process.env['DRILLBOOK_SEED']).toBe(String(SEED));
  expect(fc.readConfigureGlobal().seed).toBe(SEED);
});
