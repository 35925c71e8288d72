import { describe, expect, it } from 'vitest';
import { StepError } from '../../engine/model/kind.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const kinds: LifeOptions['kinds'] = {
  write: { effect: 'write' },
  read: { run: (args) => Promise.resolve({ ...args }) },
  pay: { effect: 'none', debt: ({ debt }) => (typeof debt === 'string' ? debt : '') },
};

const owing = (pay: 'ask' | 'auto', resume = 'write'): NodeForm[] => [
  {
    id: 'stop',
    uses: 'write',
    rebind: { 'databases.main': { name: 'other' } },
    undo: { at: 'exit', pay, steps: [{ id: 'start', uses: resume }] },
  },
  { id: 'early', uses: 'pay', with: { debt: 'stop' } },
  {
    id: 'after',
    uses: 'read',
    with: { paid: '${{ steps.early.output }}', main: '${{ env.databases.main.name }}' },
  },
];

describe('a debt that is paid early', () => {
  it('is paid where `pay` stands, and not again at the end', async () => {
    const { events, steps } = await life(owing('auto'), { kinds });
    expect(steps.runs).toEqual(['stop write', 'stop!undo/start write', 'after read']);
    expect(ofType(events, 'debt.settled').map(({ key, how, early }) => [key, how, early])).toEqual([
      ['stop', 'paid', true],
    ]);
  });

  it('gives the targets back, also in a later life of the run', async () => {
    const whole = await life(owing('auto'), { kinds });
    const after = { paid: { paid: true }, main: 'peakops-main' };
    expect(ofType(whole.events, 'step.started').at(-1)?.args).toEqual(after);
    for (const [index, event] of whole.events.entries()) {
      if (event.seq < 3) continue;
      const { events, steps, result } = await life(owing('auto'), {
        kinds: {
          ...kinds,
          write: { effect: 'write', reconcile: () => Promise.resolve({ verdict: 'notHappened' }) },
        },
        history: whole.events.slice(0, index + 1),
      });
      expect(result).toEqual({ outcome: 'succeeded' });
      expect(ofType(events, 'step.started').findLast(({ key }) => key === 'after')?.args).toEqual(after);
      expect(steps.runs.filter((run) => run.startsWith('stop!undo')).length).toBeLessThan(2);
    }
  });

  it('asks first as the debt says; what the operator leaves is asked for again at the end', async () => {
    const { events, operator, result } = await life(owing('ask'), {
      kinds,
      answers: { stop: ['leave', 'pay'] },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(operator.questions).toEqual(['debt early!stop', 'debt stop']);
    expect(endings(events)).toMatchObject({ early: 'declined/tolerated', 'stop!undo/start': 'succeeded/ok' });
  });

  it('stays owed when it could not be paid, and can be tried again', async () => {
    let broken = true;
    const { events, result } = await life(owing('auto', 'flaky'), {
      kinds: {
        ...kinds,
        flaky: {
          effect: 'write',
          run: () => {
            if (!broken) return Promise.resolve({});
            broken = false;
            return Promise.reject(new StepError('not yet', { code: 'busy' }));
          },
        },
      },
      answers: { start: [{ answer: 'abort', reason: 'no' }], early: ['retry'] },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'step.attemptFailed').map(({ key, error }) => [key, error.code])).toEqual([
      ['stop!undo/start', 'busy'],
      ['early', 'debt'],
    ]);
    expect(ofType(events, 'debt.settled').map(({ how }) => how)).toEqual(['failed', 'paid']);
    expect(endings(events)['stop!undo2/start']).toBe('succeeded/ok');
  });

  it('is nothing to do where nothing is owed any more', async () => {
    const { events, steps } = await life(
      [
        ...owing('auto').slice(0, 1),
        { id: 'done', uses: 'write', settles: ['stop'] },
        ...owing('auto').slice(1),
      ],
      { kinds },
    );
    expect(steps.count('write')).toBe(2);
    expect(ofType(events, 'step.finished').find(({ key }) => key === 'early')?.output).toEqual({
      paid: false,
    });
  });
});
