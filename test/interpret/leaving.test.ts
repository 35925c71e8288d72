import { describe, expect, it } from 'vitest';
import type { Answer } from '../../engine/model/ports.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';
import type { NodeForm } from '../rig/playbook.ts';

const kinds: Record<string, FakeKind> = {
  health: { run: () => Promise.resolve({ up: false }) },
  manual: { effect: 'none', people: 'manual' },
  write: { effect: 'write' },
  read: {},
};

const branch = (name: string): Answer => ({ answer: 'branch', values: { branch: name } });

const outage = (waiting: readonly NodeForm[]): NodeForm[] => [
  {
    id: 'way',
    choose: {
      prompt: 'Whose fault is it?',
      branches: {
        wait: { steps: waiting, outputs: { how: 'waited' } },
        migrate: { steps: [{ id: 'move', uses: 'write' }], outputs: { how: 'moved' } },
        hope: { when: 'false', steps: [], outputs: { how: 'hoped' } },
      },
    },
  },
  { id: 'after', uses: 'read', with: { how: '${{ steps.way.output.how }}' } },
];

const polling: NodeForm = {
  id: 'poll',
  uses: 'health',
  until: { that: 'output.up', every: '10s' },
};

const procedure = playbook({ id: 'procedure', steps: [polling], always: [{ id: 'tidy', uses: 'write' }] });

/** The operator has had enough after ten minutes. */
const afterTenMinutes = (clock: FakeClock) => (_: string, signal: AbortSignal) =>
  clock.sleep(600_000, signal);

describe('a branch that the operator chose', () => {
  it('can be left while nothing is asked: what waits is broken off, and another branch is chosen', async () => {
    const clock = new FakeClock();
    const { events, result, operator } = await life(outage([polling, { id: 'never', uses: 'write' }]), {
      kinds,
      clock,
      leaves: afterTenMinutes(clock),
      answers: { way: [branch('wait'), branch('migrate')] },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(endings(events)).toEqual({
      poll: 'cancelled/tolerated',
      move: 'succeeded/ok',
      after: 'succeeded/ok',
    });
    expect(operator.asked[1]).toMatchObject({ type: 'branch', branches: [{ name: 'migrate' }] });
    expect(ofType(events, 'branch.chosen').map(({ branch: name, by }) => [name, by])).toEqual([
      ['wait', 'ada'],
      ['migrate', 'ada'],
    ]);
    expect(ofType(events, 'step.started').at(-1)?.args).toEqual({ how: 'moved' });
  });

  it('can be left at any question inside of it', async () => {
    const { events, result } = await life(
      outage([{ id: 'call', uses: 'manual', with: { instructions: 'Call.' } }]),
      {
        kinds,
        answers: {
          way: [branch('wait'), branch('migrate')],
          call: { answer: 'switch', reason: 'nobody answers' },
        },
      },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(endings(events)).toMatchObject({ call: 'cancelled/tolerated', move: 'succeeded/ok' });
    expect(ofType(events, 'gate.answered').map(({ key, answer, reason }) => [key, answer, reason])).toEqual([
      ['way', 'branch', undefined],
      ['call', 'switch', 'nobody answers'],
      ['way', 'switch', 'nobody answers'],
      ['way', 'branch', undefined],
    ]);
  });

  it('does what a playbook that was called in it does at its end', async () => {
    const clock = new FakeClock();
    const { steps, result } = await life(outage([{ id: 'called', playbook: procedure }]), {
      kinds,
      clock,
      leaves: afterTenMinutes(clock),
      answers: { way: [branch('wait'), branch('migrate')] },
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.runs.slice(-3)).toEqual(['called/always/tidy write', 'move write', 'after read']);
  });

  it('is left the same way in another life, wherever the first one ended', async () => {
    const form = outage([polling, { id: 'never', uses: 'write' }]);
    const clock = new FakeClock();
    const answers = { way: [branch('wait'), branch('migrate')] };
    const whole = await life(form, { kinds, clock, leaves: afterTenMinutes(clock), answers });
    const left = whole.events.findIndex(
      (event) => event.type === 'gate.answered' && event.answer === 'switch',
    );
    for (let seq = left + 1; seq < whole.events.length; seq++) {
      const chosen = ofType(whole.events.slice(0, seq), 'branch.chosen').length;
      const second = await life(form, {
        kinds: {
          ...kinds,
          write: { effect: 'write', reconcile: () => Promise.resolve({ verdict: 'notHappened' }) },
        },
        history: whole.events.slice(0, seq),
        answers: { way: answers.way.slice(chosen) },
      });
      expect(second.result).toEqual({ outcome: 'succeeded' });
      expect(endings(second.events)).toEqual(endings(whole.events));
    }
  });
});
