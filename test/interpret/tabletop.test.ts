import { beforeEach, describe, expect, it } from 'vitest';
import type { Value } from '../../engine/base/value.ts';
import type { Event, EventBody } from '../../engine/model/event.ts';
import { tabletop } from '../../engine/interpret/tabletop.ts';
import { interpret } from '../../engine/interpret/run.ts';
import type { Answer, Operator, Question } from '../../engine/model/ports.ts';
import { value } from '../rig/fake-operator.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, environment, ofType, setUp } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';
import type { PlaybookForm } from '../rig/playbook.ts';
import { runStarted } from '../rig/run-started.ts';

/** What was done or asked of anything: at a table, nothing. */
const touched: string[] = [];
beforeEach(() => {
  touched.length = 0;
});

const touching = (of: string) => (): Promise<Record<string, never>> => {
  touched.push(of);
  return Promise.resolve({});
};

const KINDS: Readonly<Record<string, FakeKind>> = {
  work: {
    effect: 'write',
    describe: ({ to }) => `Do it to ${typeof to === 'string' ? to : 'nobody'}`,
    targets: () => [
      { group: 'databases', path: 'databases.main', target: { name: 'main' }, effect: 'write' },
    ],
    byHand: () => 'do it --by-hand',
    run: touching('run'),
    begin: () => Promise.reject(new Error('begun')),
    reconcile: () => Promise.reject(new Error('reconciled')),
  },
  look: { effect: 'read', run: touching('look') },
  ask: { effect: 'none', people: 'ask', run: touching('ask') },
};

type Said = Readonly<Record<string, Answer | Value>>;

/** People who would do everything, and say the rest as they are told to. */
const people = (said: Said): Operator => ({
  name: 'ada',
  ask: (question) => Promise.resolve(answerOf(question, said[question.key] ?? said[question.id])),
});

function answerOf({ type, key }: Question, said: Answer | Value | undefined): Answer {
  if (typeof said === 'object' && said !== null && 'answer' in said) return said as Answer;
  if (type === 'tabletop') return { answer: 'would' };
  if (said === undefined) throw new Error(`nobody is to be asked ${key}`);
  return type === 'branch' ? { answer: 'branch', values: { branch: said } } : value(said);
}

async function atTable(form: PlaybookForm, said: Said, history?: readonly Event[]) {
  const [rehearsal] = playbook(form).rehearsals;
  const setting = setUp(form, {
    kinds: KINDS,
    mode: 'tabletop',
    environment: environment('production'),
    identity: (use) => {
      touched.push(`identity of ${use.group}`);
      return { verdict: 'match', facts: {} };
    },
    ...(history !== undefined && { history }),
    options: { operator: people(said), ...(rehearsal !== undefined && { rehearsal }) },
  });
  return { ...setting, result: await tabletop(setting.options) };
}

const questions = (events: readonly Event[]) => ofType(events, 'gate.opened');
const keysAsked = (events: readonly Event[]) => questions(events).map(({ key }) => key);

describe('a tabletop', () => {
  it('shows each step, takes what people say of it, and does and asks nothing', async () => {
    const { events, result } = await atTable(
      {
        steps: [
          { id: 'stop', uses: 'work', with: { to: '${{ env.databases.main.name }}' } },
          { id: 'restore', uses: 'work', expect: '4m', confirm: { message: 'Restore now?' } },
          { id: 'tell', uses: 'work', with: { to: '${{ steps.stop.output.count }} people' } },
        ],
      },
      {
        restore: { answer: 'otherwise', reason: 'we would call the provider' },
        tell: { answer: 'decline', reason: 'the boss tells them' },
      },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(touched).toEqual([]);
    expect(endings(events)).toEqual({
      stop: 'talkedThrough/ok',
      restore: 'otherwise/ok',
      tell: 'declined/tolerated',
    });
    expect(ofType(events, 'step.started')).toEqual([]);
    expect(ofType(events, 'mark.set')).toEqual([]);
    expect(questions(events).map(({ question }) => question)).toMatchObject([
      { describe: 'Do it to peakops-main', effect: 'write', targets: ['databases.main'] },
      { message: 'Restore now?', expectMs: 240_000, byHand: 'do it --by-hand' },
      // What a step would have said is shown as what it is: not known.
      { describe: 'Do it to ‹steps.stop.output.count› people' },
    ]);
  });

  it('asks where a value decides the way that nobody knows, and only there', async () => {
    const { events, result } = await atTable(
      {
        inputs: { scope: {} },
        steps: [
          { id: 'look', uses: 'look' },
          { id: 'known', uses: 'work', when: 'inputs.scope == "all"' },
          { id: 'hangs', uses: 'work', when: 'steps.look.output.rows > 0' },
          // A default for what is missing is no answer to what it would have been.
          { id: 'leans', uses: 'work', when: 'steps.look.?output.?rows.orValue(7) == 7' },
          { id: 'ended', uses: 'work', when: 'steps.look.outcome == "succeeded"' },
        ],
      },
      { scope: 'some', 'hangs/when': true, 'leans/when': false, 'ended/when': true },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(keysAsked(events)).toEqual([
      'input/scope',
      'look',
      'hangs/when',
      'hangs',
      'leans/when',
      'ended/when',
      'ended',
    ]);
    expect(endings(events)).toMatchObject({ known: 'skipped/ok', leans: 'skipped/ok' });
  });

  it('knows what people have answered, and a branch that hangs on it is not asked for', async () => {
    const { events } = await atTable(
      {
        steps: [
          {
            id: 'damage',
            uses: 'ask',
            with: { inputs: { how: { prompt: 'How bad?' }, key: { type: 'secret' } } },
          },
          {
            id: 'way',
            choose: {
              pick: 'steps.damage.output.how',
              branches: {
                all: { steps: [{ id: 'whole', uses: 'work' }] },
                part: { steps: [{ id: 'table', uses: 'work' }] },
              },
            },
          },
        ],
      },
      { 'damage/how': 'part' },
    );
    // Nobody is asked for a secret: nothing is done that needs it.
    expect(keysAsked(events)).toEqual(['damage/how', 'table']);
  });

  it('goes through calls, loops once, rounds until they are accepted, and what is done always', async () => {
    const { events } = await atTable(
      {
        steps: [
          { id: 'tables', forEach: { in: '${{ ["a", "b"] }}' }, steps: [{ id: 'copy', uses: 'work' }] },
          {
            id: 'hunt',
            repeat: { accept: 'steps.try.output.good', max: 2, steps: [{ id: 'try', uses: 'work' }] },
          },
        ],
        always: [{ id: 'close', uses: 'work' }],
      },
      { 'hunt#1/accept': false, 'hunt#2/accept': false, 'hunt#3/accept': true },
    );
    expect(keysAsked(events)).toEqual([
      'tables[each]/copy',
      'hunt#1/try',
      'hunt#1/accept',
      'hunt#2/try',
      'hunt#2/accept',
      'hunt#3/try',
      'hunt#3/accept',
      'always/close',
    ]);
  });

  it('goes at the end through the undos of what people would have done, the newest first', async () => {
    const undo = (id: string, at: 'exit' | 'abort' = 'exit') => ({
      undo: { at, pay: 'ask' as const, steps: [{ id, uses: 'work' }] },
    });
    const { events, result } = await atTable(
      {
        steps: [
          { id: 'stop', uses: 'work', ...undo('start') },
          { id: 'close', uses: 'work', ...undo('open') },
          { id: 'move', uses: 'work', ...undo('moveBack') },
          { id: 'lock', uses: 'work', ...undo('unlock') },
          { id: 'copy', uses: 'work', ...undo('remove', 'abort') },
          { id: 'unlockNow', uses: 'work', settles: ['lock'] },
        ],
        always: [{ id: 'tell', uses: 'work' }],
      },
      { move: { answer: 'decline', reason: 'it stays where it is' } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(keysAsked(events).slice(6)).toEqual(['close!undo/open', 'stop!undo/start', 'always/tell']);
    expect(touched).toEqual([]);
  });

  it('tells injects at their step, breaks nothing by them, and answers by those that settle something', async () => {
    const { events } = await atTable(
      {
        rehearsals: {
          one: {
            injects: [
              { after: 'stop', message: 'The second engineer is away; ${{ fault.rows }} rows are lost' },
              { after: 'stop', fault: { uses: 'postgres.drop-table' } },
            ],
          },
        },
        steps: [{ id: 'stop', uses: 'work' }],
      },
      {},
    );
    expect(ofType(events, 'inject.struck').map(({ state, text }) => `${state}: ${text}`)).toEqual([
      'done: The second engineer is away; ‹fault.rows› rows are lost',
      'done: postgres.drop-table',
    ]);
  });

  it('ends where people break it off', async () => {
    const { events, result } = await atTable(
      {
        steps: [
          { id: 'stop', uses: 'work' },
          { id: 'restore', uses: 'work' },
        ],
      },
      { stop: { answer: 'abort', reason: 'lunch' } },
    );
    expect(result).toEqual({ outcome: 'aborted' });
    expect(ofType(events, 'run.finished')).toMatchObject([{ outcome: 'aborted', reason: 'lunch' }]);
  });

  it('goes on from wherever its process died, and asks nothing twice', async () => {
    const form: PlaybookForm = {
      inputs: { scope: {} },
      rehearsals: { one: { injects: [{ after: 'look', message: 'It is getting worse' }] } },
      steps: [
        { id: 'look', uses: 'look' },
        { id: 'hangs', uses: 'work', when: 'steps.look.output.rows > 0' },
        {
          id: 'way',
          choose: {
            prompt: 'Which way?',
            branches: {
              all: {
                steps: [
                  {
                    id: 'whole',
                    uses: 'work',
                    confirm: { message: 'Go?', onDecline: { do: 'branch', branch: 'part' } },
                  },
                ],
              },
              part: { steps: [{ id: 'table', uses: 'work' }] },
            },
          },
        },
      ],
    };
    const said: Said = {
      scope: 'all',
      'hangs/when': true,
      way: 'all',
      whole: { answer: 'decline', reason: 'too much' },
    };
    const whole = await atTable(form, said);
    const told = (events: readonly Event[]) => [
      endings(events),
      ofType(events, 'branch.chosen').map(({ branch }) => branch),
      ofType(events, 'inject.struck').length,
      ofType(events, 'input.answered').map(({ name, value: given }) => [name, given]),
      ofType(events, 'run.finished').map(({ outcome }) => outcome),
    ];
    expect(told(whole.events)).toEqual([
      {
        look: 'talkedThrough/ok',
        hangs: 'talkedThrough/ok',
        whole: 'declined/tolerated',
        table: 'talkedThrough/ok',
      },
      ['all', 'part'],
      1,
      [
        ['scope', 'all'],
        ['when', true],
      ],
      ['succeeded'],
    ]);
    for (let died = 1; died < whole.events.length; died++) {
      const again = await atTable(form, said, whole.events.slice(0, died));
      expect([died, told(again.events)]).toEqual([died, told(whole.events)]);
    }
    expect(touched).toEqual([]);
  });
});

it('cannot be carried out by the interpreter of drills and recoveries: its first step refuses', async () => {
  const started: EventBody = { ...runStarted('run1'), mode: 'tabletop' };
  const setting = setUp([{ id: 'one', uses: 'look' }], {
    kinds: KINDS,
    mode: 'tabletop',
    history: [{ ...started, seq: 1, at: 0, up: 0 }],
  });
  await expect(interpret(setting.options)).rejects.toThrow('a tabletop carries out no step');
  expect(touched).toEqual([]);
});
