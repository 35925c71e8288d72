import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { Event } from '../../engine/model/event.ts';
import type { InputQuestion, Question } from '../../engine/model/ports.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { Reply } from '../rig/fake-operator.ts';
import { value } from '../rig/fake-operator.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';
import type { PlaybookForm } from '../rig/playbook.ts';

const write: FakeKind = { effect: 'write' };
const live = environment('staging');

/** A step is done with the answer, then another one stands at a gate. */
const form = {
  inputs: { at: { type: 'text' as const, prompt: 'When?' }, other: { type: 'text' as const } },
  steps: [
    { id: 'stop', title: 'Stop it', uses: 'write', with: { at: '${{ inputs.at }}' } },
    { id: 'look', title: 'Look', uses: 'write', with: { at: '${{ inputs.other }}' } },
    {
      id: 'restore',
      uses: 'write',
      with: { at: '${{ inputs.at }}' },
      confirm: { message: 'To ${{ inputs.at }}?' },
    },
    { id: 'after', uses: 'write', with: { at: '${{ inputs.at }}' } },
  ],
} satisfies PlaybookForm;

/** Picks the answer with this prompt from the list of those that were given. */
const pick =
  (prompt: string) =>
  (question: Question): ReturnType<typeof value> => {
    const { options } = (question as InputQuestion).input;
    const found = options.find(({ label }) => label.startsWith(prompt));
    return value(found?.value ?? 'not there');
  };

const run = (
  answers: Record<string, Reply | readonly Reply[]>,
  more: Partial<LifeOptions> = {},
  of: PlaybookForm = form,
) =>
  life(of, {
    kinds: { write },
    environment: live,
    answers: { at: value('noon'), other: value('x'), ...answers },
    ...more,
  });

const argsOf = (events: readonly Event[], step: string): unknown =>
  ofType(events, 'step.started').findLast(({ key }) => key === step)?.args;

describe('an answer at a gate', () => {
  it('is put right: the gate is made of the new value, and so is what comes after it', async () => {
    const { operator, events } = await run({
      restore: ['correct', 'go'],
      'restore/correct': [pick('When?'), value('nine')],
    });
    const gates = operator.asked.filter(({ type }) => type === 'gate');
    expect(gates).toMatchObject([{ message: 'To noon?' }, { message: 'To nine?' }]);
    expect(argsOf(events, 'restore')).toEqual({ at: 'nine' });
    expect(argsOf(events, 'after')).toEqual({ at: 'nine' });
  });

  it('is listed with its value; what was done with it is named before the new one is asked for', async () => {
    const { operator, events } = await run({
      restore: ['correct', 'go'],
      'restore/correct': [pick('When?'), value('nine')],
    });
    const [which, what] = operator.asked.filter(({ key }) => key === 'restore/correct') as InputQuestion[];
    expect(which?.input.options.map(({ label }) => label)).toEqual(['When?  noon', 'other  x']);
    expect(what?.why).toBe('It was noon.\nDone with it already, and left as it is: Stop it.');
    expect(ofType(events, 'input.corrected')).toMatchObject([
      { scope: '', name: 'at', value: 'nine', before: 'noon', by: 'ada', done: ['stop'] },
    ]);
  });

  it('is shown as people write it', async () => {
    const at = Instant.parse('2026-11-28T20:14:07Z')!;
    const { operator } = await run({ at: value(at), restore: 'correct', 'restore/correct': 'back' });
    const which = operator.asked.find(({ key }) => key === 'restore/correct') as InputQuestion;
    expect(which.input.options[0]?.label).toBe('When?  2026-11-28T20:14:07.000Z');
  });

  it('stays as it was where the operator goes back, or gives the same', async () => {
    const { operator, events } = await run({
      restore: ['correct', 'correct', 'correct', 'go'],
      'restore/correct': ['back', pick('When?'), 'back', pick('When?'), value('noon')],
    });
    expect(ofType(events, 'input.corrected')).toEqual([]);
    expect(operator.questions.filter((question) => question === 'gate restore')).toHaveLength(4);
  });

  it('is not offered where nothing was answered', async () => {
    const { operator } = await run(
      { w: 'go' },
      {},
      { steps: [{ id: 'w', uses: 'write', confirm: { message: 'Go?' } }] },
    );
    expect(operator.asked[0]?.choices).not.toContain('correct');
  });

  it('asks for an approval anew, even after a crash between the correction and the effect', async () => {
    const first = await run({ restore: ['correct'], 'restore/correct': [pick('When?'), value('nine')] });
    expect(ofType(first.events, 'input.corrected')).toHaveLength(1);
    const second = await run({ restore: 'go' }, { history: first.events });
    expect(second.operator.asked).toMatchObject([{ type: 'gate', message: 'To nine?' }]);
    expect(argsOf(second.events, 'after')).toEqual({ at: 'nine' });
  });

  it('that was approved already counts only for what it was approved for', async () => {
    const first = await run({ restore: 'go' });
    const approved = first.events.slice(
      0,
      1 + first.events.findIndex((event) => event.type === 'gate.answered' && event.key === 'restore'),
    );
    const { operator } = await run(
      { restore: 'go' },
      { history: approved, correction: ({ input }) => (input.name === 'at' ? 'nine' : undefined) },
    );
    expect(operator.questions).toEqual(['gate restore']);
  });
});

describe('an answer at a failure', () => {
  it('is put right, and the step is tried again with the new value', async () => {
    const picky: FakeKind = {
      effect: 'write',
      run: ({ at }) => {
        if (at === 'noon') throw new StepError('no backup of noon', { code: 'none' });
        return Promise.resolve({});
      },
    };
    const { events } = await run(
      { restore: ['correct', 'retry'], 'restore/correct': [pick('When?'), value('nine')] },
      { kinds: { write, picky } },
      { ...form, steps: [{ id: 'restore', uses: 'picky', with: { at: '${{ inputs.at }}' } }] },
    );
    expect(endings(events)).toEqual({ restore: 'succeeded/ok' });
    expect(argsOf(events, 'restore')).toEqual({ at: 'nine' });
  });
});

describe('what rests on an answer', () => {
  const called = {
    ...form,
    steps: [
      {
        id: 'inner',
        playbook: playbook({
          inputs: { to: { type: 'text' as const }, why: { type: 'text' as const } },
          steps: [
            {
              id: 'w',
              uses: 'write',
              with: { to: '${{ inputs.to }}' },
              confirm: { message: 'To ${{ inputs.to }}?' },
            },
          ],
        }),
        inputs: { to: '${{ vars.to }}', why: 'because' },
      },
    ],
    let: { to: 'just before ${{ inputs.at }}' },
  } satisfies PlaybookForm;

  it('is made anew in what is called, through `let`', async () => {
    const { operator, events } = await run(
      { 'inner/w': ['correct', 'go'], 'inner/w/correct': [pick('When?'), value('nine')] },
      {},
      called,
    );
    expect(operator.asked.filter(({ type }) => type === 'gate')).toMatchObject([
      { message: 'To just before noon?' },
      { message: 'To just before nine?' },
    ]);
    expect(ofType(events, 'input.corrected').map(({ scope, name }) => `${scope}/${name}`)).toEqual([
      '/at',
      'inner/to',
    ]);
  });

  it.each([
    ['inputs.at', true],
    ["inputs['at']", true],
    ["inputs[inputs.other == 'x' ? 'at' : 'other']", true],
    ['inputs.size() > 1', true],
    ["'inputs.at'", false],
    ['inputs.other', false],
    ["['x'].map(inputs, inputs)[0]", false],
  ])('is told by what an expression asks for, not by how it reads: %s', async (expression, rests) => {
    const { events } = await run(
      { restore: ['correct', 'go'], 'restore/correct': [pick('When?'), value('nine')] },
      {},
      {
        ...form,
        steps: [{ id: 'stop', uses: 'write', with: { at: `\${{ ${expression} }}` } }, ...form.steps.slice(2)],
      },
    );
    expect(ofType(events, 'input.corrected')).toMatchObject([{ done: rests ? ['stop'] : [] }]);
  });

  it('is made anew when the answer is corrected on resume', async () => {
    const first = await run({}, {}, called);
    const { operator } = await run(
      { 'inner/w': 'go' },
      { history: first.events, correction: ({ input }) => (input.name === 'at' ? 'nine' : undefined) },
      called,
    );
    expect(operator.asked).toMatchObject([{ message: 'To just before nine?' }]);
  });

  it('is made anew even where the process died between the two', async () => {
    const first = await run({}, {}, called);
    const torn = await run(
      {},
      { history: first.events, correction: ({ input }) => (input.name === 'at' ? 'nine' : undefined) },
      called,
    );
    const outer = torn.events.findIndex(({ type }) => type === 'input.corrected');
    const { operator } = await run({ 'inner/w': 'go' }, { history: torn.events.slice(0, outer + 1) }, called);
    expect(operator.asked).toMatchObject([{ message: 'To just before nine?' }]);
  });
});

describe('an answer in the midst of a run', () => {
  const asking = {
    steps: [
      {
        id: 'pick',
        uses: 'ask',
        with: { inputs: { table: { prompt: 'Which table?', options: ['a', 'b'] } } },
      },
      { id: 'drop', title: 'Drop it', uses: 'write', with: { table: '${{ steps.pick.output.table }}' } },
      {
        id: 'load',
        uses: 'write',
        with: { table: '${{ steps.pick.output.table }}' },
        confirm: { message: 'Load ${{ steps.pick.output.table }}?' },
      },
    ],
  } satisfies PlaybookForm;
  const ask: FakeKind = { effect: 'none', people: 'ask' };

  it('is put right as well, also in a later life of the run', async () => {
    const kinds = { write, ask };
    const first = await life(asking, {
      kinds,
      environment: live,
      answers: { pick: value('a'), load: ['correct'], 'load/correct': [pick('Which table?'), value('b')] },
    });
    expect(ofType(first.events, 'input.corrected')).toMatchObject([
      { scope: 'pick', value: 'b', done: ['drop'] },
    ]);
    const second = await life(asking, {
      kinds,
      environment: live,
      history: first.events,
      answers: { load: 'go' },
    });
    expect(second.operator.asked).toMatchObject([{ message: 'Load b?' }]);
    expect(argsOf(second.events, 'load')).toEqual({ table: 'b' });
  });

  it('takes only what is in its list', async () => {
    const { result } = await life(asking, {
      kinds: { write, ask },
      environment: live,
      answers: { pick: value('a'), load: ['correct'], 'load/correct': [pick('Which table?'), value('c')] },
    });
    expect(result).toMatchObject({
      error: { message: expect.stringContaining('operator is needed') as string },
    });
  });
});
