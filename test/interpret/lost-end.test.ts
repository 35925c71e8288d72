import { describe, expect, it } from 'vitest';
import type { Event } from '../../engine/model/event.ts';
import type { Answer, Question } from '../../engine/model/ports.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const steps: NodeForm[] = [
  { id: 'look', uses: 'read' },
  {
    id: 'stop',
    uses: 'findable',
    undo: { at: 'exit', pay: 'auto', steps: [{ id: 'start', uses: 'blind' }] },
  },
  { id: 'each', forEach: { in: ['a', 'b', 'c'] }, steps: [{ id: 'send', uses: 'blind' }] },
  { id: 'again', uses: 'repeatable', idempotent: true },
  { id: 'flaky', uses: 'flaky', retry: { attempts: 3, delay: '1ms' } },
  { id: 'drop', uses: 'blind', confirm: { message: 'Drop?' } },
];

/** What has been done to the world, whichever life did it, and an operator who looks there when in doubt. */
class Lives {
  readonly done: string[] = [];
  readonly #tries = new Map<string, number>();
  readonly asked: string[] = [];

  get kinds(): Readonly<Record<string, FakeKind>> {
    const effect: NonNullable<FakeKind['run']> = (_, { step }) => {
      this.done.push(step);
      return Promise.resolve({});
    };
    return {
      read: {},
      blind: { effect: 'write', run: effect },
      repeatable: { effect: 'write', run: () => Promise.resolve({}) },
      findable: {
        effect: 'write',
        run: effect,
        reconcile: (_, { step }) =>
          Promise.resolve(
            this.done.includes(step) ? { verdict: 'happened', output: {} } : { verdict: 'notHappened' },
          ),
      },
      flaky: {
        effect: 'write',
        run: (args, context) => {
          const tries = (this.#tries.get(context.step) ?? 0) + 1;
          this.#tries.set(context.step, tries);
          if (tries < 2) return Promise.reject(new StepError('later', { code: '503', retryable: true }));
          return effect(args, context);
        },
      },
    };
  }

  readonly #answer = (question: Question): Answer => {
    if (question.type !== 'doubt') return { answer: 'go' };
    this.asked.push(question.key);
    return { answer: this.done.includes(question.key) ? 'happened' : 'notHappened' };
  };

  live(history?: readonly Event[]) {
    const keys = ['each[a]/send', 'each[b]/send', 'each[c]/send', 'stop!undo/start', 'flaky', 'drop'];
    const answers = Object.fromEntries(
      keys.map((key) => [key, Array.from({ length: 4 }, () => this.#answer)]),
    );
    return life(steps, { kinds: this.kinds, answers, ...(history !== undefined && { history }) });
  }
}

/** What is left of a journal that was cut after so many events, opened again. */
function cut(events: readonly Event[], kept: number): readonly Event[] {
  const last = events[kept - 1];
  if (last === undefined) throw new Error('nothing is left');
  const head = { seq: events.length, hash: 'f'.repeat(64) };
  return [...events.slice(0, kept), { ...last, type: 'journal.repaired', bytes: 0, head, seq: kept + 1 }];
}

describe('a run whose journal lost its end', () => {
  it('does nothing twice, wherever it was cut, and in whatever life it goes on', async () => {
    const { events } = await new Lives().live();
    for (let died = 2; died < events.length; died += 1) {
      for (const kept of new Set([1, Math.ceil(died / 2), died - 1])) {
        const lives = new Lives();
        const first = await lives.live();
        const lost = cut(first.events.slice(0, died), kept);
        const second = await lives.live(lost);
        expect(second.result, `${String(died)} events, cut after ${String(kept)}`).toEqual({
          outcome: 'succeeded',
        });
        expect(lives.done, `${String(died)} events, cut after ${String(kept)}`).toEqual([
          ...new Set(lives.done),
        ]);
      }
    }
  });

  it('asks about each write that the kept part does not tell of, and of no other', async () => {
    const lives = new Lives();
    const { events } = await lives.live();
    const sent = events.findIndex((event) => event.type === 'step.finished' && event.key === 'each[a]/send');
    const second = await lives.live(cut(events.slice(0, -1), sent + 1));
    expect(lives.asked).toEqual(['each[b]/send', 'each[c]/send', 'flaky', 'drop', 'stop!undo/start']);
    expect(ofType(second.events, 'step.inDoubt').find(({ key }) => key === 'again')?.verdict).toBe(
      'repeatable',
    );
    expect(endings(second.events)).toMatchObject({ drop: 'succeeded/ok', 'each[c]/send': 'succeeded/ok' });
  });

  it('needs an operator for that, whom no answer to gates replaces', async () => {
    const form: NodeForm[] = [{ id: 'w', uses: 'write' }];
    const kinds = { write: { effect: 'write' as const } };
    const { events } = await life(form, { kinds });
    const second = await life(form, { kinds, history: cut(events, 1) });
    expect(second.steps.runs).toEqual([]);
    expect(second.operator.questions).toEqual(['doubt w']);
    expect(ofType(second.events, 'run.paused')).toHaveLength(1);
    // The next life asks again, and what was answered holds in the one after it.
    const third = await life(form, { kinds, history: second.events, answers: { w: 'notHappened' } });
    expect(third.steps.runs).toEqual(['w write']);
    const answered = third.events.findIndex(
      (event) => event.type === 'step.inDoubt' && event.verdict === 'notHappened',
    );
    const fourth = await life(form, { kinds, history: third.events.slice(0, answered + 1) });
    expect(fourth.operator.questions).toEqual([]);
    expect(fourth.result).toEqual({ outcome: 'succeeded' });
  });
});
