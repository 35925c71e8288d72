import { describe, expect, it } from 'vitest';
import { valueMap } from '../../engine/base/value.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { Reconciliation } from '../../engine/model/kind.ts';
import { environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';
import { playbook } from '../rig/playbook.ts';

const kinds: LifeOptions['kinds'] = {
  read: { run: (args) => Promise.resolve({ ...args }) },
  write: { effect: 'write', run: (args) => Promise.resolve({ ...args }) },
  // Fails as its argument says: `unreachable`, `failing`; anything else goes well.
  visit: {
    effect: 'write',
    run: async ({ host }, { clock, signal }) => {
      if (host === 'unreachable') {
        throw new StepError('nobody answers', { code: 'unreachable', details: valueMap([['port', 22]]) });
      }
      if (host === 'failing') throw new StepError('exit 7', { code: 'exit', changed: 'something' });
      if (host !== 'slow') return {};
      await clock.sleep(60_000, signal);
      signal.throwIfAborted();
      return {};
    },
  },
};

const visits = (...steps: NodeForm[]): readonly NodeForm[] =>
  steps.length > 0 ? steps : [{ id: 'go', uses: 'visit', timeout: '5s', with: { host: '${{ item }}' } }];

const loop = (hosts: readonly string[], tolerate: number, ...steps: NodeForm[]): NodeForm => ({
  id: 'each',
  forEach: { in: [...hosts], tolerate },
  steps: visits(...steps),
});

const after: NodeForm = { id: 'after', uses: 'read', with: { items: '${{ steps.each.items }}' } };

const lastOutput = (events: Awaited<ReturnType<typeof life>>['events']): unknown =>
  ofType(events, 'step.finished').find(({ key }) => key === 'after')?.output;

describe('an item that fails and is tolerated', () => {
  it('keeps the cause: its code, message and details', async () => {
    const { events } = await life([loop(['fine', 'unreachable', 'failing', 'slow'], 3), after], { kinds });
    expect(lastOutput(events)).toMatchObject({
      items: [
        { key: 'fine', outcome: 'succeeded' },
        { key: 'unreachable', error: { code: 'unreachable', message: 'nobody answers', port: 22 } },
        { key: 'failing', error: { code: 'exit', message: 'exit 7', changed: 'something' } },
        { key: 'slow', error: { code: 'timeout' } },
      ],
    });
  });

  it('keeps it through a call, a loop inside and rounds, and after the run was resumed', async () => {
    const called = playbook({
      inputs: { host: {} },
      steps: [
        {
          id: 'inner',
          forEach: { in: ['${{ inputs.host }}'] },
          steps: [
            {
              id: 'rounds',
              repeat: { accept: 'true', steps: [{ id: 'go', uses: 'visit', with: { host: '${{ item }}' } }] },
            },
          ],
        },
      ],
    });
    const steps = [
      loop(['unreachable', 'fine'], 1, { id: 'call', playbook: called, inputs: { host: '${{ item }}' } }),
      after,
    ];
    const first = await life(steps, { kinds });
    const end = first.events.findIndex((event) => event.type === 'step.started' && event.key === 'after');
    const again = await life(steps, { kinds, history: first.events.slice(0, end) });
    expect(lastOutput(again.events)).toMatchObject({
      items: [{ error: { code: 'unreachable', port: 22 } }, { outcome: 'succeeded' }],
    });
    expect(again.steps.runs).toEqual(['after read']);
  });

  it('does not count with those of a loop inside', async () => {
    const inner: NodeForm = {
      id: 'inner',
      forEach: { in: ['failing', 'fine'], tolerate: 1 },
      steps: visits(),
    };
    const { result } = await life([loop(['a', 'b', 'c'], 1, inner)], { kinds });
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('tells the step that called a playbook why that failed', async () => {
    const called = playbook({
      steps: [{ id: 'go', uses: 'visit', onFailure: 'abort', with: { host: 'unreachable' } }],
    });
    const { events } = await life(
      [
        { id: 'call', playbook: called, onFailure: 'continue' },
        { id: 'after', uses: 'read', with: { error: '${{ steps.call.error }}' } },
      ],
      { kinds },
    );
    expect(lastOutput(events)).toMatchObject({ error: { code: 'unreachable', port: 22 } });
  });
});

describe('a tolerated item among the checks of the result', () => {
  const verify = (...steps: NodeForm[]): NodeForm => ({ phase: 'Verify', steps });

  it('is no failed verification', async () => {
    const { result } = await life([verify(loop(['fine', 'failing'], 1))], { kinds });
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('nor is one whose step sets the mark verified, and serving stands', async () => {
    const { result, events } = await life(
      [
        { id: 'serve', uses: 'read', mark: ['serving'] },
        loop(['failing', 'fine'], 1, {
          id: 'go',
          uses: 'visit',
          mark: ['verified'],
          with: { host: '${{ item }}' },
        }),
      ],
      { kinds },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'mark.set').filter(({ mark }) => mark === 'serving')).toHaveLength(1);
  });

  it('is one where the loop tolerates no more and what it stands in goes on', async () => {
    const called = playbook({ steps: [loop(['failing', 'unreachable'], 1)] });
    const { result, events } = await life(
      [
        { id: 'serve', uses: 'read', mark: ['serving'] },
        verify({ id: 'call', playbook: called, onFailure: 'continue' }),
      ],
      { kinds },
    );
    expect(result).toEqual({ outcome: 'failedVerification' });
    expect(
      ofType(events, 'mark.set')
        .filter(({ mark }) => mark === 'serving')
        .at(-1)?.time,
    ).toBeNull();
  });

  it('is one where its step says to go on, as outside of a loop', async () => {
    const go: NodeForm = { id: 'go', uses: 'visit', onFailure: 'continue', with: { host: '${{ item }}' } };
    const { result } = await life([verify(loop(['failing'], 1, go))], { kinds });
    expect(result).toEqual({ outcome: 'failedVerification' });
  });
});

describe('an item that the operator gives up', () => {
  const giveUp = { answer: 'giveUp', reason: 'its disk is gone' } as const;
  const prepared: readonly NodeForm[] = [
    {
      id: 'drain',
      uses: 'write',
      undo: { at: 'exit', steps: [{ id: 'refill', uses: 'write', with: { host: '${{ item }}' } }] },
    },
    {
      id: 'freeze',
      uses: 'write',
      undo: { at: 'abort', steps: [{ id: 'thaw', uses: 'write' }] },
    },
    { id: 'go', uses: 'visit', with: { host: '${{ item }}' } },
    { id: 'rest', uses: 'write' },
  ];
  const hosts: NodeForm = { id: 'each', forEach: { in: ['failing', 'fine'] }, steps: prepared };

  it('has its undos and debts paid at once, newest first, and the rest goes on', async () => {
    const { steps, result, events } = await life([hosts, after], {
      kinds,
      answers: { 'each[failing]/go': giveUp },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.runs).toEqual([
      'each[failing]/drain write',
      'each[failing]/freeze write',
      'each[failing]/go visit',
      'each[failing]/freeze!undo/thaw write',
      'each[failing]/drain!undo/refill write',
      'each[fine]/drain write',
      'each[fine]/freeze write',
      'each[fine]/go visit',
      'each[fine]/rest write',
      'after read',
      'each[fine]/drain!undo/refill write',
    ]);
    expect(lastOutput(events)).toMatchObject({
      items: [
        { key: 'failing', outcome: 'failed', error: { code: 'exit' } },
        { key: 'fine', outcome: 'succeeded' },
      ],
    });
    expect(ofType(events, 'scope.left').find(({ key }) => key === 'each[failing]')).toMatchObject({
      outcome: 'failed',
      by: 'ada',
    });
  });

  it('is given up in a later life of the run too, wherever the first one died', async () => {
    const whole = await life([hosts, after], { kinds, answers: { 'each[failing]/go': giveUp } });
    const notHappened = (): Promise<Reconciliation> => Promise.resolve({ verdict: 'notHappened' });
    const again = Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [name, { ...kind, reconcile: notHappened }]),
    );
    const answered = whole.events.findIndex(({ type }) => type === 'gate.answered');
    for (let cut = answered + 1; cut < whole.events.length - 1; cut++) {
      const { events, result } = await life([hosts, after], {
        kinds: again,
        history: whole.events.slice(0, cut),
      });
      expect(result, `cut at ${String(cut)}`).toEqual({ outcome: 'succeeded' });
      const paid = ofType(events, 'debt.settled').filter(({ how }) => how === 'paid');
      expect(paid.map(({ key }) => key).sort(), `cut at ${String(cut)}`).toEqual([
        'each[failing]/drain',
        'each[failing]/freeze',
        'each[fine]/drain',
      ]);
    }
  });

  it('gives back the targets that it had replaced, in a later life too', async () => {
    const moving: NodeForm = {
      id: 'each',
      forEach: { in: ['failing'] },
      steps: [
        {
          id: 'move',
          uses: 'write',
          rebind: { 'databases.main': { name: 'other' } },
          undo: { at: 'abort', steps: [{ id: 'back', uses: 'write' }] },
        },
        { id: 'go', uses: 'visit', with: { host: '${{ item }}' } },
      ],
    };
    const where: NodeForm = { id: 'after', uses: 'read', with: { name: '${{ env.databases.main.name }}' } };
    const { events } = await life([moving, where], { kinds, answers: { 'each[failing]/go': giveUp } });
    expect(lastOutput(events)).toEqual({ name: 'peakops-main' });
    const until = events.findIndex((event) => event.type === 'step.finished' && event.key === 'after');
    const again = await life([moving, where], { kinds, history: events.slice(0, until) });
    expect(lastOutput(again.events)).toEqual({ name: 'peakops-main' });
  });

  it('leaves to the end what the operator leaves open, and what cannot be paid', async () => {
    const owing = (pay: 'ask' | 'auto', uses: string): NodeForm => ({
      id: 'each',
      forEach: { in: ['failing'] },
      steps: [
        {
          id: 'drain',
          uses: 'write',
          undo: { at: 'exit', pay, steps: [{ id: 'refill', uses, onFailure: 'abort' }] },
        },
        { id: 'go', uses: 'visit', with: { host: '${{ item }}' } },
      ],
    });
    const open = await life([owing('ask', 'write')], {
      kinds,
      answers: { 'each[failing]/go': giveUp, 'each[failing]!each[failing]/drain': 'leave', drain: 'pay' },
    });
    expect(open.operator.questions).toEqual([
      'failure each[failing]/go',
      'debt each[failing]!each[failing]/drain',
      'debt each[failing]/drain',
    ]);
    const broken = {
      ...kinds,
      never: { effect: 'write', run: () => Promise.reject(new Error('no')) } as const,
    };
    const failed = await life([owing('auto', 'never')], {
      kinds: broken,
      answers: { 'each[failing]/go': giveUp },
    });
    expect(failed.steps.count('never')).toBe(2);
  });

  it('ends with what was called for it, and with the branches beside the failure', async () => {
    const called = playbook({
      steps: [
        {
          id: 'both',
          parallel: {
            branches: {
              one: { steps: [{ id: 'go', uses: 'visit', with: { host: 'failing' } }] },
              two: {
                steps: [
                  { id: 'two', uses: 'visit', with: { host: 'slow' } },
                  { id: 'more', uses: 'write' },
                ],
              },
            },
          },
        },
      ],
      always: [{ id: 'tidy', uses: 'write' }],
    });
    const { steps, result } = await life(
      [{ id: 'each', forEach: { in: ['a'] }, steps: [{ id: 'call', playbook: called }] }, after],
      { kinds, answers: { 'each[a]/call/both/one/go': giveUp } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.runs.slice(-2)).toEqual(['each[a]/call/always/tidy write', 'after read']);
    expect(steps.count('write')).toBe(1);
  });

  it('uses up none of what the loop tolerates, and is red where it was to verify', async () => {
    const asking: NodeForm = { id: 'go', uses: 'visit', onFailure: 'ask', with: { host: '${{ item }}' } };
    const { result } = await life(
      [
        {
          phase: 'Verify',
          steps: [
            {
              id: 'each',
              forEach: { in: ['failing', 'slow'], tolerate: 1 },
              steps: [asking, { id: 'bad', uses: 'visit', with: { host: 'failing' } }],
            },
          ],
        },
      ],
      { kinds, answers: { 'each[failing]/go': giveUp } },
    );
    expect(result).toEqual({ outcome: 'failedVerification' });
  });

  it('can be given up where the interlock refuses and where rounds are not accepted, and nowhere outside of a loop', async () => {
    const refused = await life(
      [{ id: 'each', forEach: { in: ['a'] }, steps: [{ id: 'script', uses: 'script' }] }],
      {
        kinds: { script: { effect: 'unknown' } },
        environment: environment('staging'),
        answers: { 'each[a]/script': giveUp },
      },
    );
    expect(refused.result).toEqual({ outcome: 'succeeded' });
    const rounds: NodeForm = {
      id: 'rounds',
      repeat: { accept: 'false', max: 1, steps: [{ id: 'go', uses: 'read' }] },
    };
    const inside = await life([{ id: 'each', forEach: { in: ['a'] }, steps: [rounds] }], {
      kinds,
      answers: { 'each[a]/rounds#1/accept': giveUp },
    });
    expect(inside.result).toEqual({ outcome: 'succeeded' });
    const outside = await life([{ id: 'go', uses: 'visit', with: { host: 'failing' } }, rounds], {
      kinds,
      answers: { go: { answer: 'skip', reason: 'r' } },
    });
    for (const { choices } of outside.operator.asked) expect(choices).not.toContain('giveUp');
  });
});
