import { expect, it } from 'vitest';
import { permittedAnswers } from '../../engine/cli/answers.ts';
import { playbook } from '../rig/playbook.ts';

const whole = playbook({
  inputs: { corruptedAt: {} },
  steps: [
    { id: 'hunt', repeat: { accept: 'true', steps: [{ id: 'pick', uses: 'manual' }] } },
    { id: 'last', uses: 'manual' },
  ],
});

it('a file of answers with a key that nothing asks for is refused before anything is done', () => {
  const run = { environment: 'sandbox', playbook: whole } as const;
  const answers = { corruptedAt: 'x', lsat: 'go' };
  expect(() => permittedAnswers({ answers }, run)).toThrow('nothing in test asks for "lsat"');
  expect(() => permittedAnswers({ answers }, { ...run, environment: 'production' })).toThrow('"lsat"');
  expect(permittedAnswers({ answers: { 'pick#2': 1, detected: 'x' } }, run)).toEqual({
    'pick#2': 1,
    detected: 'x',
  });
});
