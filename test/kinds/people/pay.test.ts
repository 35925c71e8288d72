import { expect, test } from 'vitest';
import { kindOf } from '../../rig/step.ts';

test('changes nothing itself, and names the step whose debt the interpreter pays', async () => {
  const kind = await kindOf('pay');
  const args = { debt: 'stopApi' };
  expect(kind.effect(args)).toBe('none');
  expect(kind.describe(args)).toBe('Pay now what "stopApi" owes');
  expect(kind.debt?.(args)).toBe('stopApi');
});
