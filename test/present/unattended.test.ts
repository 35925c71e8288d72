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
});
