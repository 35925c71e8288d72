import { expect, test } from 'vitest';
import { kindOf, stepRig } from '../../rig/step.ts';

test('does nothing itself: its step says what must hold', async () => {
  const kind = await kindOf('assert');
  expect(kind.effect({})).toBe('none');
  expect(kind.targets({})).toEqual([]);
  expect(await kind.run({}, stepRig().context)).toEqual({});
});
