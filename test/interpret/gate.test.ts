import { describe, expect, it } from 'vitest';
import { OperatorNeeded } from '../../engine/model/ports.ts';
import { StepError } from '../../engine/model/kind.ts';
import { silence } from '../rig/fake-operator.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';

const target = { group: 'services' as const, path: 'services.api', target: { name: 'peakops-api' } };
const write = (effect: 'write' | 'destructive') => ({
  effect,
  targets: () => [{ ...target, effect }],
  byHand: () => 'curl -X POST …',
});

describe('a gate', () => {
  it('shows what would be done, to what, and how to do it by hand', async () => {
    const { operator, steps } = await life(
      [
        {
          id: 'switch',
          uses: 'write',
          why: 'because',
          confirm: {
            message: 'Go on with ${{ env.services.api.name }}?',
            type: '${{ env.services.api.name }}',
          },
        },
      ],
      {
        kinds: { write: write('write') },
        identity: () => ({ verdict: 'match', facts: { region: 'frankfurt' } }),
        answers: { switch: { answer: 'go', values: { typed: 'peakops-api' } } },
      },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'gate',
      key: 'switch',
      message: 'Go on with peakops-api?',
      typed: 'peakops-api',
      describe: 'do write',
      effect: 'write',
      why: 'because',
      byHand: 'curl -X POST …',
      targets: [{ name: 'services.api', verdict: 'match', facts: { region: 'frankfurt' } }],
    });
    expect(steps.count('write')).toBe(1);
  });

  it('demands the name that the kind wants typed, whatever the policy and wherever it runs', async () => {
    const { operator } = await life([{ id: 'w', uses: 'write' }], {
      kinds: { write: { ...write('destructive'), typedName: () => 'the-bucket' } },
      environment: environment('sandbox', { policy: { typedNames: 'never' } }),
      answers: { w: { answer: 'go', values: { typed: 'the-bucket' } } },
    });
    expect(operator.asked[0]).toMatchObject({ type: 'gate', typed: 'the-bucket' });
  });

  it.each([
    ['nothing', undefined, 'declined/tolerated', 1],
    ['skip', { do: 'skip' }, 'declined/tolerated', 1],
    ['abort', { do: 'abort' }, 'declined/failed', 0],
  ] as const)('can be declined with a reason (onDecline: %s)', async (_, onDecline, ending, after) => {
    const { events, steps } = await life(
      [
        {
          id: 'w',
          uses: 'write',
          confirm: { message: 'Go?', ...(onDecline !== undefined && { onDecline }) },
        },
        { id: 'after', uses: 'read' },
      ],
      {
        kinds: { write: write('write'), read: {} },
        answers: { w: { answer: 'decline', reason: 'too late' } },
      },
    );
    expect(endings(events)['w']).toBe(ending);
    expect(steps.runs).toHaveLength(after);
    expect(ofType(events, 'gate.answered')[0]).toMatchObject({
      answer: 'decline',
      reason: 'too late',
      by: 'ada',
    });
  });

  it('can be answered with «done by hand», whose outputs later steps and targets use', async () => {
    const { events, steps } = await life(
      [
        {
          id: 'restore',
          uses: 'write',
          confirm: { message: 'Go?' },
          rebind: { 'databases.main': '${{ output.database }}' },
        },
        { id: 'look', uses: 'read', with: { database: '${{ env.databases.main }}' } },
      ],
      {
        kinds: { write: write('write'), read: {} },
        answers: { restore: { answer: 'byHand', reason: 'API down', values: { database: 'new' } } },
      },
    );
    expect(steps.runs).toEqual(['look read']);
    expect(endings(events)['restore']).toBe('byHand/ok');
    expect(ofType(events, 'step.started')[0]?.args).toEqual({ database: 'new' });
  });

  it('does not take «done by hand» without the outputs that a target needs', async () => {
    const { operator } = await life(
      [
        {
          id: 'restore',
          uses: 'write',
          confirm: { message: 'Go?' },
          rebind: { 'databases.main': '${{ output.database }}' },
        },
      ],
      { kinds: { write: write('write') }, answers: { restore: ['byHand', 'abort'] } },
    );
    expect(operator.asked[1]).toMatchObject({ type: 'failure', error: { code: 'evaluation' } });
  });

  it('takes notes and asks again', async () => {
    const { events } = await life([{ id: 'w', uses: 'write', confirm: { message: 'Go?' } }], {
      kinds: { write: write('write') },
      answers: { w: [{ answer: 'note', values: { text: 'called the owner' } }, 'go'] },
    });
    expect(ofType(events, 'note.added')[0]).toMatchObject({ text: 'called the owner', by: 'ada' });
    expect(ofType(events, 'gate.opened').map(({ gate }) => gate)).toEqual(['w#1', 'w#2']);
  });

  it('opens before anything destructive outside the sandbox, whether or not the playbook says so', async () => {
    const inStaging = await life([{ id: 'drop', uses: 'write' }], {
      kinds: { write: write('destructive') },
      environment: environment('staging'),
      answers: { drop: 'go' },
    });
    expect(inStaging.operator.questions).toEqual(['gate drop']);
    const inSandbox = await life([{ id: 'drop', uses: 'write' }], { kinds: { write: write('destructive') } });
    expect(inSandbox.operator.questions).toEqual([]);
  });

  it.each([
    ['never', 'destructive', undefined],
    ['destructive', 'write', 'none asked'],
    ['destructive', 'destructive', 'peakops-api'],
    ['write', 'write', 'peakops-api'],
  ] as const)('demands a typed name by policy: %s, for a %s effect', async (typedNames, effect, typed) => {
    const { operator } = await life([{ id: 'w', uses: 'write' }], {
      kinds: { write: write(effect) },
      environment: environment('staging', { policy: { typedNames } }),
      answers: { w: { answer: 'go', values: { typed: 'peakops-api' } } },
    });
    const [gate] = operator.asked;
    if (typed === 'none asked') expect(gate).toBeUndefined();
    else expect(gate?.type === 'gate' ? gate.typed : 'no gate').toBe(typed);
  });

  it('says that there is no way back', async () => {
    const { operator } = await life(
      [{ id: 'w', uses: 'write', confirm: { message: 'Go?' }, noReturn: true }],
      {
        kinds: { write: write('write') },
        answers: { w: 'go' },
      },
    );
    expect(operator.asked[0]).toMatchObject({ voidsUndo: true });
  });

  it('needs an operator: the run is journaled as paused and can be resumed', async () => {
    const { result, events } = await life([{ id: 'w', uses: 'write', confirm: { message: 'Go?' } }], {
      kinds: { write: write('write') },
    });
    expect(result).toMatchObject({ error: expect.any(OperatorNeeded) as unknown });
    expect(events.at(-1)).toMatchObject({ type: 'run.paused', reason: 'an operator is needed' });
  });

  it('does not take an answer that it did not offer', async () => {
    const { result } = await life(
      [{ id: 'w', uses: 'write', confirm: { message: 'Go?' }, never: ['byHand'] }],
      {
        kinds: { write: write('write') },
        answers: { w: 'byHand' },
      },
    );
    expect(result).toMatchObject({ error: expect.any(OperatorNeeded) as unknown });
  });

  it('that wants a name is not passed without it', async () => {
    const { result, steps } = await life(
      [{ id: 'w', uses: 'write', confirm: { message: 'Go?', type: 'main' } }],
      {
        kinds: { write: write('write') },
        answers: { w: { answer: 'go', values: { typed: 'mian' } } },
      },
    );
    expect(result).toMatchObject({ error: expect.any(OperatorNeeded) as unknown });
    expect(steps.runs).toEqual([]);
  });

  it('is left open by a pause, and asked again when the run goes on', async () => {
    const steps = [{ id: 'w', uses: 'write', confirm: { message: 'Go?' } }];
    const kinds = { write: write('write') };
    const pausing = new AbortController();
    const first = await life(steps, {
      kinds,
      answers: {
        w: () => {
          queueMicrotask(() => pausing.abort(new Error('ctrl-c')));
          return silence();
        },
      },
      options: { pause: pausing.signal },
    });
    expect(first.result).toEqual({ paused: true, reason: 'interrupted' });
    expect(first.events.at(-1)).toMatchObject({ type: 'run.paused', by: 'ada' });
    const second = await life(steps, { kinds, history: first.events, answers: { w: 'go' } });
    expect(second.result).toEqual({ outcome: 'succeeded' });
    expect(second.operator.questions).toEqual(['gate w']);
  });
});

describe('after a failure', () => {
  const once = (changed: 'nothing' | 'maybe') => {
    let calls = 0;
    return {
      effect: 'write' as const,
      run: ({ n }: { readonly n?: unknown }) =>
        calls++ === 0
          ? Promise.reject(new StepError('it broke', { code: 'broken', hint: 'mend it', changed }))
          : Promise.resolve({ n: Number(n) }),
    };
  };

  it('the operator is told what is known, and may try again', async () => {
    const { operator, events } = await life([{ id: 'w', uses: 'write', with: { n: 1 } }], {
      kinds: { write: once('maybe') },
      answers: { w: 'retry' },
    });
    expect(operator.asked[0]).toMatchObject({
      type: 'failure',
      describe: 'do write',
      error: { code: 'broken', message: 'it broke', hint: 'mend it', changed: 'maybe' },
      attempt: 1,
      args: { n: 1 },
    });
    expect(endings(events)).toEqual({ w: 'succeeded/ok' });
  });

  it('may try again with other values', async () => {
    const { events } = await life([{ id: 'w', uses: 'write', with: { n: 1 } }], {
      kinds: { write: once('nothing') },
      answers: { w: { answer: 'retryWith', values: { n: 2 } } },
    });
    expect(ofType(events, 'step.started').map(({ args }) => args)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(ofType(events, 'step.finished')[0]?.output).toEqual({ n: 2 });
  });

  it('passes a gate again outside of the sandbox, where the new values are shown', async () => {
    const confirmed = { id: 'w', uses: 'write', with: { n: 1 }, confirm: { message: 'Go?' } };
    const { operator, steps } = await life([confirmed], {
      kinds: { write: once('nothing') },
      environment: environment('staging'),
      answers: { w: ['go', { answer: 'retryWith', values: { n: 2 } }, { answer: 'decline', reason: 'no' }] },
    });
    expect(operator.questions).toEqual(['gate w', 'failure w', 'gate w']);
    expect(operator.asked[2]).toMatchObject({ values: { n: '2' } });
    expect(steps.count('write')).toBe(1);
  });

  it('passes a gate with other values even where there was none before', async () => {
    const { operator } = await life([{ id: 'w', uses: 'write', with: { n: 1 } }], {
      kinds: { write: once('nothing') },
      environment: environment('staging'),
      answers: { w: [{ answer: 'retryWith', values: { n: 2 } }, 'go'] },
    });
    expect(operator.questions).toEqual(['failure w', 'gate w']);
  });

  it('may not give an answer that the playbook took away', async () => {
    const { operator } = await life([{ id: 'w', uses: 'write', never: ['skip', 'accept'] }], {
      kinds: { write: once('nothing') },
      answers: { w: 'abort' },
    });
    expect(operator.asked[0]?.choices).toEqual(['retry', 'retryWith', 'byHand', 'note', 'pause', 'abort']);
  });

  it('may take back just this step, and is then asked again', async () => {
    const { events, steps } = await life(
      [{ id: 'w', uses: 'write', undo: { at: 'abort', steps: [{ id: 'back', uses: 'read' }] } }],
      { kinds: { write: once('maybe'), read: {} }, answers: { w: ['undo', 'retry'] } },
    );
    expect(steps.runs).toEqual(['w write', 'w!undo/back read', 'w write']);
    expect(ofType(events, 'debt.opened')).toHaveLength(2);
    expect(ofType(events, 'debt.settled').map(({ how }) => how)).toEqual(['paid']);
    expect(endings(events)).toMatchObject({ w: 'succeeded/ok' });
  });

  it.each([
    ['continue', 'failed/tolerated', 'succeeded'],
    ['skip', 'skipped/tolerated', 'succeeded'],
    ['abort', 'failed/failed', 'failed'],
  ] as const)('does as the playbook says: %s', async (onFailure, ending, outcome) => {
    const { events, result, operator } = await life([{ id: 'w', uses: 'write', onFailure }], {
      kinds: { write: once('nothing') },
    });
    expect(endings(events)).toEqual({ w: ending });
    expect(result).toEqual({ outcome });
    expect(operator.questions).toEqual([]);
  });

  it('goes on when the failure of this kind is only noted', async () => {
    const { result, events } = await life([{ id: 'tell', uses: 'notify' }], {
      kinds: { notify: { ...once('nothing'), failureIsNoted: true } },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(endings(events)).toEqual({ tell: 'failed/tolerated' });
  });
});

describe('retry', () => {
  const failing = (times: number, changed: 'nothing' | 'maybe', effect: 'read' | 'write' = 'write') => {
    let left = times;
    return {
      effect,
      run: () =>
        left-- > 0 ? Promise.reject(new StepError('no', { code: '503', changed })) : Promise.resolve({}),
    };
  };

  it('tries again after growing pauses, and says when', async () => {
    const { events, clock } = await life(
      [{ id: 'w', uses: 'w', retry: { attempts: 3, delay: '10s', backoff: 2 } }],
      { kinds: { w: failing(2, 'nothing') } },
    );
    expect(ofType(events, 'step.attemptFailed')).toMatchObject([
      { attempt: 1, nextInMs: 10_000 },
      { attempt: 2, nextInMs: 20_000 },
    ]);
    expect(ofType(events, 'step.activity').map((event) => event.class)).toEqual([
      'retry',
      'machine',
      'retry',
      'machine',
    ]);
    expect(clock.monotonic()).toBe(30_000);
    expect(endings(events)).toEqual({ w: 'succeeded/ok' });
  });

  it('ends after the last attempt', async () => {
    const { operator, steps } = await life([{ id: 'w', uses: 'w', retry: { attempts: 2 } }], {
      kinds: { w: failing(9, 'nothing') },
      answers: { w: 'abort' },
    });
    expect(steps.count('w')).toBe(2);
    expect(operator.asked[0]).toMatchObject({ attempt: 2 });
  });

  it('only where the failure is one to try again after', async () => {
    const { steps } = await life(
      [{ id: 'w', uses: 'w', retry: { attempts: 5, when: 'error.code == "429"' }, onFailure: 'continue' }],
      { kinds: { w: failing(9, 'nothing') } },
    );
    expect(steps.count('w')).toBe(1);
  });

  it.each([
    ['a write that may have happened', { idempotent: false }, 1],
    ['an idempotent one', { idempotent: true }, 2],
  ])('does not repeat %s', async (_, extra, runs) => {
    const { steps } = await life(
      [{ id: 'w', uses: 'w', retry: { attempts: 3 }, onFailure: 'continue', ...extra }],
      { kinds: { w: failing(1, 'maybe') } },
    );
    expect(steps.count('w')).toBe(runs);
  });
});
