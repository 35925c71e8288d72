import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Answer, Question } from '../../engine/model/ports.ts';
import { OperatorNeeded } from '../../engine/model/ports.ts';
import { createUnattendedOperator } from '../../engine/present/unattended.ts';
import { demoQuestions } from '../rig/demo-questions.ts';

const questions = demoQuestions();
const ask = (question: Question, answers: ValueMap): Promise<Answer> =>
  createUnattendedOperator(answers, 'ci').ask(question, new AbortController().signal);

describe('answers given beforehand', () => {
  it('answer a gate by * or by its id, with the typed name', async () => {
    const go = { answer: 'go', values: { typed: 'peakops-main' } };
    await expect(ask(questions.gate, { '*': 'go' })).resolves.toEqual(go);
    await expect(ask(questions.gate, { switch: 'go' })).resolves.toEqual(go);
  });

  it('can decline a gate that * would approve, with a reason', async () => {
    const decline = { answer: 'decline', reason: 'rehearsed' };
    await expect(ask(questions.gate, { '*': 'go', switch: decline })).resolves.toEqual(decline);
    await expect(ask(questions.gate, { switch: 'decline' })).rejects.toThrow('decline needs a reason');
  });

  it('answer inputs by name, read by their type, and checked', async () => {
    const answer = await ask(questions.input, { corruptedAt: '2025-11-01T12:00:00Z' });
    expect(answer.values?.['value']).toEqual(Instant.parse('2025-11-01T12:00:00Z'));
    const future = Instant.fromMillis(Date.now() + 60_000);
    await expect(ask(questions.input, { corruptedAt: future })).rejects.toThrow('It lies in the future');
    await expect(ask(questions.choice, { scope: 'all' })).rejects.toThrow('One of tables, database');
  });

  it('leave an input at its default', async () => {
    const question = { ...questions.choice, default: 'tables' };
    await expect(ask(question, {})).resolves.toEqual({ answer: 'value', values: { value: 'tables' } });
  });

  it('choose a branch by id, else its default', async () => {
    await expect(ask(questions.branch, { route: 'migrate' })).resolves.toMatchObject({
      values: { branch: 'migrate' },
    });
    await expect(ask(questions.branch, {})).resolves.toMatchObject({ values: { branch: 'wait' } });
    await expect(ask(questions.branch, { route: 'fly' })).rejects.toThrow('there is no branch fly');
    const abort = { answer: 'abort', reason: 'the wrong playbook' };
    await expect(ask(questions.branch, { route: abort })).resolves.toEqual(abort);
  });

  it('say done to manual steps and pay debts', async () => {
    await expect(ask(questions.manual, { '*': 'go' })).resolves.toEqual({ answer: 'done' });
    await expect(ask(questions.manual, { tell: 'done' })).resolves.toEqual({ answer: 'done' });
    await expect(ask(questions.debt, { '*': 'go' })).resolves.toEqual({ answer: 'pay' });
    await expect(ask(questions.debt, { stopApi: 'leave' })).resolves.toEqual({ answer: 'leave' });
  });

  it('never retry or accept a failure by themselves', async () => {
    await expect(ask(questions.failure, { '*': 'go', reload: 'go' })).rejects.toThrow(OperatorNeeded);
    await expect(ask(questions.failure, { 'onFailure/reload': 'retry' })).resolves.toEqual({
      answer: 'retry',
    });
    await expect(ask(questions.doubt, { '*': 'go' })).rejects.toThrow(OperatorNeeded);
  });

  it('are missed by saying what was asked', async () => {
    for (const question of [questions.gate, questions.input, questions.manual, questions.debt]) {
      await expect(ask(question, {})).rejects.toThrow(`an operator is needed: ${question.title}`);
    }
    await expect(ask(questions.failure, {})).rejects.toThrow(`failed: ${questions.failure.error.message}`);
  });

  it('reject with the reason when the signal has aborted', async () => {
    const operator = createUnattendedOperator({ '*': 'go' }, 'ci');
    await expect(operator.ask(questions.gate, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
  });

  describe('for one item or round', () => {
    const gate = (key: string, id: string): Question => ({ ...questions.gate, key, id });
    const pick = { ...questions.choice, key: 'hunt#2/pick', id: 'pick' };
    const answers = (...keys: readonly string[]): ValueMap =>
      Object.fromEntries(keys.map((key) => [key, { answer: 'decline', reason: key }]));
    const said = async (question: Question, given: ValueMap): Promise<string | undefined> =>
      (await ask(question, given)).reason;

    it('are found by the key of the step, its end, or its id with the round or the item', async () => {
      const key = 'recover/hunt#2/tables[a%2Fb]/load';
      const names = [
        'recover/hunt#2/tables[a/b]/load',
        'hunt#2/tables[a/b]/load',
        'tables[a/b]/load',
        'load[a/b]',
        'load#2',
        'load',
      ];
      for (let from = 0; from < names.length; from++) {
        expect(await said(gate(key, 'load'), answers(...names.slice(from).reverse()))).toBe(names[from]);
      }
      await expect(ask(gate(key, 'load'), answers('load#1', 'tables[b]/load'))).rejects.toThrow(
        OperatorNeeded,
      );
    });

    it('go before those for all, and before the name of an input', async () => {
      const given = { 'pick#2': 'database', scope: 'tables', pick: 'tables' };
      await expect(ask(pick, given)).resolves.toMatchObject({ values: { value: 'database' } });
      await expect(ask({ ...pick, key: 'hunt#1/pick' }, given)).resolves.toMatchObject({
        values: { value: 'tables' },
      });
    });

    it('settle a failure only where they are written for failures', async () => {
      const failure = { ...questions.failure, key: 'tables[general]/load', id: 'load' };
      await expect(ask(failure, { 'tables[general]/load': 'go' })).rejects.toThrow(OperatorNeeded);
      const given = {
        'onFailure/tables[general]/load': { answer: 'skip', reason: 'empty' },
        'onFailure/load': 'retry',
      };
      await expect(ask(failure, given)).resolves.toMatchObject({ answer: 'skip' });
    });
  });
});
