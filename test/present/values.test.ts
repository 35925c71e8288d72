import { expect, it } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { formatValue } from '../../engine/present/values.ts';

it('writes values as a person would', () => {
  expect(formatValue(['a', 2, null, { k: Duration.fromMillis(1000) }])).toBe('a, 2, nothing, k: 1s');
});
