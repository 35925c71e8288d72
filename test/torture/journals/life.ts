import type { Event } from '../../../engine/model/event.ts';
import type { Answer, Journal, Question } from '../../../engine/model/ports.ts';
import type { FakeKind } from '../../rig/fake-steps.ts';
import { life } from '../../rig/interpreter.ts';
import type { NodeForm } from '../../rig/playbook.ts';

export const RUN = 'run';

/** Writes of every relation to doubt: found again, repeatable, and such that nobody but the operator can tell. */
const STEPS: NodeForm[] = [
  { id: 'look', uses: 'read' },
  {
    id: 'stop',
    uses: 'findable',
    undo: { at: 'exit', pay: 'auto', steps: [{ id: 'start', uses: 'blind' }] },
  },
  { id: 'each', forEach: { in: ['a', 'b', 'c', 'd'] }, steps: [{ id: 'send', uses: 'blind' }] },
  { id: 'again', uses: 'repeatable', idempotent: true },
  { id: 'drop', uses: 'blind', confirm: { message: 'Drop?' } },
];

const ASKED = ['a', 'b', 'c', 'd'].map((item) => `each[${item}]/send`).concat('drop', 'stop!undo/start');

/** One life of the run. */
export interface Life {
  readonly journal: Journal;
  readonly history: readonly Event[];
  /** What has been done to the world, in every life: a key that is in it twice was done twice. */
  readonly done: string[];
}

/** Carries the run to its end, with an operator who looks into the world when something is in doubt. */
export async function live({ journal, history, done }: Life): Promise<unknown> {
  const run: NonNullable<FakeKind['run']> = (_, { step }) => {
    done.push(step);
    return Promise.resolve({});
  };
  const kinds: Readonly<Record<string, FakeKind>> = {
    read: {},
    blind: { effect: 'write', run },
    repeatable: { effect: 'write' },
    findable: {
      effect: 'write',
      run,
      reconcile: (_, { step }) =>
        Promise.resolve(
          done.includes(step) ? { verdict: 'happened', output: {} } : { verdict: 'notHappened' },
        ),
    },
  };
  const truth = ({ type, key }: Question): Answer => {
    if (type !== 'doubt') return { answer: 'go' };
    return { answer: done.includes(key) ? 'happened' : 'notHappened' };
  };
  const answers = Object.fromEntries(ASKED.map((key) => [key, [truth, truth, truth]]));
  const { result } = await life(STEPS, { kinds, answers, history, options: { journal } });
  return 'error' in result ? result.error : undefined;
}
