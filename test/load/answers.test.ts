import { expect, it } from 'vitest';
import { answerable } from '../../engine/load/answers.ts';
import { playbook } from '../rig/playbook.ts';

const called = playbook({ id: 'other', inputs: { scope: {} }, steps: [{ id: 'inside', uses: 'manual' }] });

const whole = playbook({
  inputs: { corruptedAt: {} },
  steps: [
    {
      id: 'tables',
      forEach: { in: ['general'] },
      steps: [
        {
          id: 'load',
          uses: 'sql.execute',
          undo: { at: 'exit', steps: [{ id: 'unload', uses: 'sql.execute' }] },
        },
      ],
    },
    {
      id: 'hunt',
      repeat: {
        accept: 'true',
        steps: [{ id: 'pick', uses: 'ask', with: { inputs: { moment: { prompt: 'Which?' } } } }],
      },
    },
    { id: 'both', parallel: { branches: { one: { steps: [{ id: 'go', uses: 'manual' }] } } } },
    { id: 'call', playbook: called },
    { id: 'last', uses: 'manual' },
  ],
});

const asked = answerable(whole);

it.each([
  ...['*', 'corruptedAt', 'scope', 'moment', 'last', 'load', 'hunt', 'unload', 'inside', 'call/inside', 'go'],
  ...['tables[general]/load', 'load[general]', 'tables[a/b]/load', 'hunt#2/pick', 'pick#2', 'hunt#3/accept'],
  ...['onFailure/last', 'onFailure/tables[general]/load', 'both/one/go'],
])('%s is asked for', (key) => {
  expect(asked.isAsked(key)).toBe(true);
});

it.each([
  'lst',
  'last#2',
  'load#2',
  'pick[general]',
  'tables[general]/pick',
  'hunt#2/load',
  'onFailure/lst',
  'x/last',
])('%s is asked for by nothing', (key) => {
  expect(asked.isAsked(key)).toBe(false);
});
