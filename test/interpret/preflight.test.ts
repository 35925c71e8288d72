import { describe, expect, it } from 'vitest';
import type { Need } from '../../engine/model/need.ts';
import { OperatorNeeded } from '../../engine/model/ports.ts';
import type { StepTable } from '../../engine/model/kind.ts';
import { shownText } from '../../engine/interpret/life/text.ts';
import { needsOf } from '../../engine/kinds/context/needs.ts';
import { environment, life, ofType, setUp } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import { interpret } from '../../engine/interpret/run.ts';
import type { NodeForm } from '../rig/playbook.ts';

const KINDS: LifeOptions['kinds'] = { read: { goesTo: ({ url = null }) => url }, write: { effect: 'write' } };
const secret = (name: string) => ({ $ref: 'env', name });

/** Lives with a table that finds everything but what `there` says is missing. */
async function lives(
  steps: readonly NodeForm[],
  missing: () => readonly string[],
  more: Partial<LifeOptions> = {},
) {
  const data = { values: { a: secret('A'), b: secret('B'), page: 'https://gone.test/x' } };
  const setting = setUp(steps, { kinds: KINDS, environment: environment('staging', { data }), ...more });
  const looked: string[] = [];
  const nameOf = (need: Need): string =>
    need.type === 'program'
      ? need.name
      : need.type === 'address'
        ? need.host
        : shownText(need.handle['name'] ?? null);
  const table: StepTable = Object.assign(setting.steps, {
    needs: (
      kind: Parameters<typeof needsOf>[0],
      ...args: [Parameters<typeof needsOf>[1], Parameters<typeof needsOf>[2]]
    ) => Promise.resolve(needsOf(kind, ...args)),
    lookFor: (need: Need) => {
      looked.push(nameOf(need));
      return Promise.resolve(
        missing().includes(nameOf(need)) ? { what: `${nameOf(need)} is not set` } : undefined,
      );
    },
  });
  const result = await interpret({ ...setting.options, steps: table }).catch((error: unknown) => ({ error }));
  return { ...setting, result, looked };
}

const READ: NodeForm = { id: 'look', title: 'Look', uses: 'read' };
const STOP: NodeForm = { id: 'stop', title: 'Stop the writers', uses: 'write' };
const LATER: NodeForm = {
  id: 'later',
  title: 'Restore',
  uses: 'write',
  with: { key: '${{ env.values.a }}' },
};
const OTHER: NodeForm = {
  id: 'other',
  title: 'Tell',
  uses: 'read',
  with: { to: { key: '${{ env.values.b }}' } },
};

const accept = { answer: 'accept', reason: 'it is set by then' } as const;

describe('before the first write', () => {
  it('everything that is missing for the steps to come is named at once, and nothing was written', async () => {
    const { result, steps } = await lives([READ, STOP, LATER, OTHER], () => ['A', 'B']);
    const { error } = result as { error: OperatorNeeded };
    expect(error).toBeInstanceOf(OperatorNeeded);
    expect(error.message).toContain('A is not set (for "Restore"); B is not set (for "Tell")');
    expect(steps.runs).toEqual(['look read']);
  });

  it('each thing is looked for once, and nothing is asked where all is there', async () => {
    const { result, looked, operator } = await lives([STOP, LATER, { ...LATER, id: 'again' }], () => []);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(looked).toEqual(['A']);
    expect(operator.asked).toEqual([]);
  });

  it('nothing is looked for in a run that only reads', async () => {
    expect((await lives([READ, OTHER], () => ['B'])).looked).toEqual([]);
  });

  it('the operator can have it looked for again, or go on and say why', async () => {
    let missing = ['A'];
    const retry = (): 'retry' => {
      missing = [];
      return 'retry';
    };
    const mended = await lives([STOP, LATER], () => missing, { answers: { preflight: retry } });
    expect(mended.result).toEqual({ outcome: 'succeeded' });
    const accepted = await lives([STOP, LATER], () => ['A'], { answers: { preflight: accept } });
    expect(accepted.result).toEqual({ outcome: 'succeeded' });
    expect(ofType(accepted.events, 'gate.answered')[0]).toMatchObject({ key: 'preflight', ...accept });
  });

  it('a resumed run looks for what remains, and does not ask twice about the same', async () => {
    const steps = [STOP, LATER, OTHER];
    const first = await lives(steps, () => ['A'], { answers: { preflight: accept } });
    const died = first.events.findIndex((event) => event.type === 'step.finished' && event.key === 'stop');
    const history = first.events.slice(0, died + 1);
    const same = await lives(steps, () => ['A'], { history });
    expect(same.result).toEqual({ outcome: 'succeeded' });
    const more = await lives(steps, () => ['A', 'B'], { history });
    expect(more.result).toMatchObject({ error: expect.any(OperatorNeeded) as unknown });
    const later = first.events.findIndex((event) => event.type === 'step.finished' && event.key === 'later');
    const rest = await lives([STOP, LATER, { ...STOP, id: 'end' }, OTHER], () => ['A'], {
      history: first.events.slice(0, later + 1),
    });
    expect(rest.looked).toEqual(['B']);
  });

  it.each<[string, NodeForm]>([
    [
      'of a branch that may not be taken',
      { id: 'way', choose: { pick: '"b"', branches: { a: { steps: [LATER] }, b: { steps: [] } } } },
    ],
    ['of a step whose condition is over another step', { ...LATER, when: 'steps.stop.outcome == "failed"' }],
    [
      'of a step that must fail',
      { ...OTHER, with: { url: '${{ env.values.page }}' }, until: { that: 'true' } },
    ],
  ])('what is missing for a step %s is noted, and stops nothing', async (_, step) => {
    const { result, events } = await lives([STOP, step], () => ['A', 'gone.test']);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'note.added')[0]).toMatchObject({
      key: 'preflight',
      text: expect.stringMatching(/is not set/) as string,
    });
  });

  it('a step that is certain not to come needs nothing', async () => {
    const { looked } = await lives([STOP, { ...LATER, when: 'run.mode == "recover"' }], () => ['A']);
    expect(looked).toEqual([]);
  });
});

it('a life without a table that looks goes on as ever', async () => {
  expect((await life([STOP], { kinds: KINDS })).result).toEqual({ outcome: 'succeeded' });
});
