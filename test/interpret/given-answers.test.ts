import { describe, expect, it } from 'vitest';
import type { Value } from '../../engine/base/value.ts';
import { knownAnswers, readGivenAnswers } from '../../engine/interpret/preflight/given-answers.ts';
import { playbook } from '../rig/playbook.ts';

const form = playbook({
  inputs: { scope: {} },
  steps: [
    {
      id: 'login',
      uses: 'ask',
      with: { inputs: { user: { prompt: 'Who?' }, password: { prompt: 'The password?', type: 'secret' } } },
      secretOutput: ['password'],
    },
    {
      id: 'token',
      uses: 'shell',
      secretOutput: ['json.token'],
      undo: { at: 'exit', steps: [{ id: 'revoke', uses: 'shell', secretOutput: ['stdout'] }] },
    },
  ],
});
const HANDLE = { $ref: 'run.answer' };
const SECRET = 'hunter-two';
const byHand = (values: Value) => ({ answer: 'byHand', reason: 'done', values });

describe('answers that were given beforehand', () => {
  it.each<[string, string, Value, Value]>([
    ['by the name of the question', 'password', SECRET, HANDLE],
    ['by the id of the step', 'login', { user: 'ada', password: SECRET }, { user: 'ada', password: HANDLE }],
    ['by the id alone', 'login', SECRET, HANDLE],
    ['by round', 'login#2', { password: SECRET }, { password: HANDLE }],
    ['by item', 'people[a/b]/login', { password: SECRET }, { password: HANDLE }],
    [
      'as what was done by hand',
      'onFailure/token',
      byHand({ json: { token: SECRET } }),
      byHand({ json: { token: HANDLE } }),
    ],
    ['for an undo', 'revoke', byHand({ stdout: SECRET }), byHand({ stdout: HANDLE })],
    ['by the name of an output that is lost', 'json.token', SECRET, HANDLE],
  ])('are written down with a handle for a secret, %s', (_, key, answer, written) => {
    const given = readGivenAnswers(form, { [key]: answer, scope: 'all', '*': 'go' });
    expect(given.journaled).toEqual({ [key]: written, scope: 'all', '*': 'go' });
    expect(given.answers[key]).toEqual(answer);
    expect(given.secrets).toEqual([SECRET]);
    // A later life of the run does not have them.
    expect(knownAnswers(given.journaled)).toEqual({ scope: 'all', '*': 'go' });
  });

  it('are not written down where nothing in the playbook asks for them, or nobody knows what in them is secret', () => {
    const given = readGivenAnswers(form, {
      pasword: SECRET,
      'onFailure/token': { answer: 'retryWith', values: { env: { T: 'other-secret' } } },
    });
    expect(given.journaled).toEqual({});
    expect(given.secrets).toEqual(['other-secret']);
  });

  it('can name a secret instead of holding it; what says yes to a gate is none', () => {
    const answers = { login: { password: { env: 'PASSWORD', at: 'db/main' } }, token: 'go' };
    const given = readGivenAnswers(form, answers);
    const handle = { $ref: 'env', name: 'PASSWORD', at: 'db/main' };
    expect(given.answers).toEqual({ login: { password: handle }, token: 'go' });
    expect(given.journaled).toEqual(given.answers);
    expect(given.secrets).toEqual([]);
  });
});
