import { expect, test } from 'vitest';
import { validateArgs } from '../../../engine/load/stepschema.ts';
import { kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('ask');

test('is done by a person, so the interpreter asks and never runs it', async () => {
  expect(kind.people).toBe('ask');
  expect(kind.effect({})).toBe('none');
  await expect(kind.run({ inputs: {} }, stepRig().context)).rejects.toThrow(TypeError);
});

test('says what it asks for', () => {
  expect(kind.describe({ inputs: { at: { prompt: 'When?' }, size: { prompt: 'How much?' } } })).toBe(
    'Ask for at, size',
  );
});

test.each([
  [{ at: { prompt: 'When?', type: 'time', check: { that: 'value < now', else: 'Too late' } } }, 0],
  [
    {
      backup: { prompt: 'Which?', list: { from: [{ id: 1 }], value: 'item.id', columns: { Id: 'item.id' } } },
    },
    0,
  ],
  [{ key: { prompt: 'Key?', type: 'secret' } }, 0],
  [{ at: { type: 'time' } }, 1],
  [{ at: { prompt: 'When?', type: 'moment' } }, 1],
  [{ 'a-b': { prompt: 'When?' } }, 1],
  [{}, 1],
])('%j has %d problems', async (inputs, count) => {
  expect((await validateArgs('ask', { inputs })).length).toBeGreaterThanOrEqual(count);
  if (count === 0) expect(await validateArgs('ask', { inputs })).toEqual([]);
});
