import { expect, test } from 'vitest';
import { kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('manual');

test('is done by a person, so the interpreter asks and never runs it', async () => {
  expect(kind.people).toBe('manual');
  expect(kind.effect({})).toBe('none');
  await expect(kind.run({ instructions: 'Call AWS' }, stepRig().context)).rejects.toThrow(TypeError);
});

test('shows the first line of what to do', () => {
  expect(kind.describe({ instructions: '\nPoint the host name elsewhere.\nThen wait.\n' })).toBe(
    'Ask a person: Point the host name elsewhere.',
  );
});
