import { expect, test } from 'vitest';
import { kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('checklist');

test('is done by a person, so the interpreter asks and never runs it', async () => {
  expect(kind.people).toBe('checklist');
  await expect(kind.run({ items: ['one'] }, stepRig().context)).rejects.toThrow(TypeError);
});

test('says how many points there are', () => {
  expect(kind.describe({ items: ['one'] })).toBe('Ask a person to go through one point');
  expect(kind.describe({ items: ['one', 'two'] })).toBe('Ask a person to go through 2 points');
});
