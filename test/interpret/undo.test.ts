import { describe, expect, it } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import { StepError } from '../../engine/model/kind.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';

const write = { effect: 'write' as const };
const fails = {
  effect: 'write' as const,
  run: () => Promise.reject(new StepError('no', { code: 'no', changed: 'nothing' })),
};
const maybe = {
  effect: 'write' as const,
  run: () => Promise.reject(new StepError('no', { code: 'no', changed: 'maybe' })),
};
const kinds = { write, fails, maybe, read: {} };

const aim = (id: string) => ({ id, uses: 'read', with: { to: '${{ env.databases.main.name }}' } });

const undo = (at: 'abort' | 'exit', id: string, more = {}) => ({
  at,
  steps: [{ id, uses: 'write' }],
  ...more,
});

describe('debts', () => {
  it('are paid at the end of a run that succeeds, newest first, before `always`', async () => {
    const { steps, events } = await life(
      {
        steps: [
          { id: 'freeze', uses: 'write', undo: undo('exit', 'unfreeze') },
          { id: 'silence', uses: 'write', undo: undo('exit', 'unsilence') },
          { id: 'make', uses: 'write', undo: undo('abort', 'remove') },
        ],
        always: [{ id: 'tidy', uses: 'read' }],
      },
      { kinds },
    );
    expect(steps.runs.slice(3)).toEqual([
      'silence!undo/unsilence write',
      'freeze!undo/unfreeze write',
      'always/tidy read',
    ]);
    expect(ofType(events, 'debt.opened').map(({ key, due }) => `${key} ${due}`)).toEqual([
      'freeze exit',
      'silence exit',
      'make abort',
    ]);
    expect(ofType(events, 'debt.settled').map(({ key, how }) => `${key} ${how}`)).toEqual([
      'silence paid',
      'freeze paid',
    ]);
  });

  it('see the output of their step, and say in the question what they would do', async () => {
    const { events } = await life(
      [
        {
          id: 'make',
          uses: 'make',
          undo: {
            at: 'exit',
            pay: 'auto',
            steps: [{ id: 'remove', uses: 'read', with: { id: '${{ output.id }}' } }],
          },
        },
      ],
      { kinds: { ...kinds, make: { effect: 'write', run: () => Promise.resolve({ id: 'dpg-1' }) } } },
    );
    expect(ofType(events, 'step.started').at(-1)?.args).toEqual({ id: 'dpg-1' });
  });

  it('are settled by the step that names them', async () => {
    const { steps, events } = await life(
      [
        { id: 'stop', uses: 'write', undo: undo('exit', 'start') },
        { id: 'health', uses: 'read', settles: ['stop'] },
      ],
      { kinds },
    );
    expect(steps.runs).toEqual(['stop write', 'health read']);
    expect(ofType(events, 'debt.settled')).toMatchObject([{ key: 'stop', how: 'settled' }]);
  });

  it('are not settled by a step that failed', async () => {
    const { events } = await life(
      [
        { id: 'stop', uses: 'write', undo: undo('exit', 'start') },
        { id: 'health', uses: 'fails', settles: ['stop'], onFailure: 'continue' },
      ],
      { kinds },
    );
    expect(ofType(events, 'debt.settled')).toMatchObject([{ key: 'stop', how: 'paid' }]);
  });

  it('are asked about unless they say otherwise, and can be left open', async () => {
    const { operator, steps, events } = await life(
      [{ id: 'stop', title: 'Stop the API', uses: 'write', undo: undo('exit', 'start', { pay: 'ask' }) }],
      { kinds, answers: { stop: 'leave' } },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'debt',
      title: 'Stop the API',
      choices: ['pay', 'leave', 'note', 'pause'],
      describe: ['do write'],
    });
    expect(steps.runs).toEqual(['stop write']);
    expect(ofType(events, 'debt.settled')).toMatchObject([{ how: 'declined', by: 'ada' }]);
  });

  it('are asked about when a requirement does not hold, even if they would be paid unasked', async () => {
    const { operator } = await life(
      [
        {
          id: 'stop',
          uses: 'write',
          undo: undo('exit', 'start', { require: [{ uses: 'read', that: 'false', else: 'still broken' }] }),
        },
      ],
      { kinds, answers: { stop: 'leave' } },
    );
    expect(operator.asked[0]?.why).toBe('still broken');
  });

  it('are void when their own condition is false', async () => {
    const { events } = await life(
      [{ id: 'stop', uses: 'write', undo: undo('exit', 'start', { when: 'false' }) }],
      {
        kinds,
      },
    );
    expect(ofType(events, 'debt.settled')).toMatchObject([{ how: 'void' }]);
  });

  it('are not void when their own condition cannot be evaluated: the operator sees them', async () => {
    const { events, operator } = await life(
      [
        {
          id: 'stop',
          uses: 'write',
          undo: undo('exit', 'start', { pay: 'ask', when: 'output.state.name == "running"' }),
        },
      ],
      { kinds, answers: { stop: 'leave' } },
    );
    expect(operator.asked).toMatchObject([{ type: 'debt', key: 'stop' }]);
    expect(ofType(events, 'debt.settled')).toMatchObject([{ how: 'declined' }]);
  });

  it('arise from a step that may have happened, and not from one that did not', async () => {
    const { events } = await life(
      [
        { id: 'perhaps', uses: 'maybe', undo: undo('exit', 'a'), onFailure: 'continue' },
        { id: 'surely', uses: 'fails', undo: undo('exit', 'b'), onFailure: 'continue' },
        { id: 'already', uses: 'write', guard: { uses: 'read', that: 'true' }, undo: undo('exit', 'c') },
      ],
      { kinds },
    );
    expect(ofType(events, 'debt.opened').map(({ key }) => key)).toEqual(['perhaps']);
  });

  it('that cannot be paid leave the run failed, and the rest is done all the same', async () => {
    const { result, events, steps } = await life(
      {
        steps: [
          { id: 'one', uses: 'write', undo: undo('exit', 'back') },
          {
            id: 'two',
            uses: 'write',
            undo: { at: 'exit', pay: 'auto', steps: [{ id: 'bad', uses: 'fails', onFailure: 'abort' }] },
          },
        ],
        always: [{ id: 'tidy', uses: 'read' }],
      },
      { kinds },
    );
    expect(result).toEqual({ outcome: 'failed' });
    expect(ofType(events, 'debt.settled').map(({ key, how }) => `${key} ${how}`)).toEqual([
      'two failed',
      'one paid',
    ]);
    expect(steps.runs.at(-1)).toBe('always/tidy read');
  });
});

describe('an abort', () => {
  const steps = [
    { id: 'stop', uses: 'write', undo: undo('exit', 'start') },
    { id: 'one', uses: 'write', undo: undo('abort', 'unone') },
    { id: 'two', uses: 'write', undo: undo('abort', 'untwo') },
    { id: 'three', uses: 'fails' },
    { id: 'never', uses: 'write' },
  ];
  const always = [{ id: 'tidy', uses: 'read' }];

  it('takes back newest first, then pays debts, then does `always`', async () => {
    const {
      result,
      steps: ran,
      events,
    } = await life({ steps, always }, { kinds, answers: { three: { answer: 'abort', reason: 'enough' } } });
    expect(result).toEqual({ outcome: 'aborted' });
    expect(ran.runs.slice(4)).toEqual([
      'two!undo/untwo write',
      'one!undo/unone write',
      'stop!undo/start write',
      'always/tidy read',
    ]);
    expect(ofType(events, 'abort.begun')[0]).toMatchObject({ reason: 'enough', by: 'ada', undo: true });
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'aborted', reason: 'enough' });
  });

  it('goes on where it stood when it is interrupted', async () => {
    const pausing = new AbortController();
    const undoing = {
      ...kinds,
      write: {
        ...write,
        run: (_: object, { step }: { step: string }) => {
          if (step === 'one!undo/unone') pausing.abort(new Error('ctrl-c'));
          return Promise.resolve({});
        },
      },
    };
    const first = await life(
      { steps, always },
      { kinds: undoing, answers: { three: 'abort' }, options: { pause: pausing.signal } },
    );
    expect(first.result).toMatchObject({ paused: true });
    const second = await life({ steps, always }, { kinds, history: first.events });
    expect(second.result).toEqual({ outcome: 'aborted' });
    expect(second.steps.runs).toEqual(['stop!undo/start write', 'always/tidy read']);
    expect(ofType(second.events, 'debt.settled').map(({ key }) => key)).toEqual(['two', 'one', 'stop']);
  });

  it('takes back with the targets that each step saw, and the targets with it', async () => {
    const rebinding = {
      steps: [
        { id: 'before', uses: 'write', undo: { at: 'abort' as const, steps: [aim('undoBefore')] } },
        {
          id: 'switch',
          uses: 'make',
          rebind: { 'databases.main': '${{ output }}' },
          undo: { at: 'abort' as const, steps: [aim('undoSwitch')] },
        },
        { id: 'after', uses: 'write', undo: { at: 'abort' as const, steps: [aim('undoAfter')] } },
        { id: 'last', uses: 'fails', onFailure: 'abort' as const },
      ],
      always: [aim('look')],
    };
    const made = { effect: 'write' as const, run: () => Promise.resolve({ name: 'new' }) };
    const aims = (events: readonly Event[]) =>
      Object.fromEntries(
        ofType(events, 'step.started').flatMap(({ key, args }) =>
          JSON.stringify(args) === '{}' ? [] : [[key, (args as { to: string }).to]],
        ),
      );
    const expected = {
      'after!undo/undoAfter': 'new',
      'switch!undo/undoSwitch': 'peakops-main',
      'before!undo/undoBefore': 'peakops-main',
      'always/look': 'peakops-main',
    };
    const first = await life(rebinding, { kinds: { ...kinds, make: made } });
    expect(aims(first.events)).toEqual(expected);
    const paid = first.events.findIndex((event) => event.type === 'debt.settled' && event.key === 'switch');
    const second = await life(rebinding, {
      kinds: { ...kinds, make: made },
      history: first.events.slice(0, paid + 1),
    });
    expect(aims(second.events)).toEqual(expected);
  });

  it('does not take back what lies before a point of no return', async () => {
    const { events, steps: ran } = await life(
      {
        steps: [
          { id: 'one', uses: 'write', undo: undo('abort', 'unone') },
          { id: 'cut', uses: 'write', noReturn: true, undo: undo('abort', 'uncut') },
          { id: 'three', uses: 'fails', onFailure: 'abort' },
        ],
      },
      { kinds },
    );
    expect(ran.runs.at(-1)).toBe('cut!undo/uncut write');
    expect(ofType(events, 'debt.settled').map(({ key, how }) => `${key} ${how}`)).toEqual([
      'one void',
      'cut paid',
    ]);
  });

  it('runs none of them at a pause', async () => {
    const { result, events } = await life({ steps, always }, { kinds, answers: { three: 'pause' } });
    expect(result).toMatchObject({ paused: true });
    expect(ofType(events, 'debt.settled')).toEqual([]);
    expect(endings(events)).not.toHaveProperty('always/tidy');
  });
});
