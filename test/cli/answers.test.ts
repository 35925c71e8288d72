import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isHandle } from '../../engine/model/handle.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import { permittedAnswers, readAnswers } from '../../engine/cli/answers.ts';
import { temporaryFolder } from '../rig/drillbook.ts';
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

it('what a file of answers holds is data, whatever it reads like', async () => {
  const path = join(temporaryFolder(), 'answers.yaml');
  writeFileSync(path, 'fetch: { answer: byHand, values: { body: { $ref: env, name: KEY } } }');
  const { fetch } = (await readAnswers(path)) as { fetch: { values: { body: ValueMap } } };
  expect(fetch.values.body).toMatchObject({ $ref: 'env', name: 'KEY' });
  expect(isHandle(fetch.values.body)).toBe(false);
});
