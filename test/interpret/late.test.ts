import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { Event } from '../../engine/model/event.ts';
import type { InputQuestion, Question } from '../../engine/model/ports.ts';
import { value } from '../rig/fake-operator.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { life, ofType } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const kinds: Record<string, FakeKind> = {
  ask: { effect: 'none', people: 'ask' },
  read: { run: (args) => Promise.resolve({ ...args }) },
};

const backups = [
  { id: 'b1', at: 'Monday', size: 12 },
  { id: 'b22', at: 'Tuesday', size: 7 },
];

const pick: NodeForm = {
  id: 'pick',
  uses: 'ask',
  with: {
    inputs: {
      backup: {
        prompt: 'Which backup?',
        list: {
          from: backups,
          value: 'item.id',
          columns: { Made: 'item.at', Size: 'item.size' },
          default: 'item.size < 10',
        },
      },
      at: {
        prompt: 'Until when?',
        type: 'time',
        check: { that: 'value < now && output.backup != "none"', else: 'It lies in the future' },
      },
    },
  },
};

const last: NodeForm = { id: 'last', uses: 'read', with: { got: '${{ steps.pick.output }}' } };

const past = Instant.parse('2026-01-05T09:00:00Z')!;
const future = Instant.parse('2026-02-05T09:00:00Z')!;

describe('a step that asks', () => {
  it('offers a list that is known only now, and checks answers as they are typed', async () => {
    const { operator, events } = await life([pick, last], {
      kinds,
      answers: { pick: [value('b22'), value(past)] },
    });
    const [choice, time] = operator.asked as InputQuestion[];
    expect(choice).toMatchObject({
      type: 'input',
      title: 'Which backup?',
      heading: 'Made     Size',
      default: 'b22',
      input: {
        type: 'choice',
        options: [
          { value: 'b1', label: 'Monday   12' },
          { value: 'b22', label: 'Tuesday  7' },
        ],
      },
    });
    expect(time?.check(future)).toBe('It lies in the future');
    expect(time?.check(past)).toBeUndefined();
    expect(ofType(events, 'step.finished').at(-1)?.output).toEqual({
      got: { backup: 'b22', at: { $time: '2026-01-05T09:00:00.000Z' } },
    });
  });

  it('shows moments and lengths of time as they are written, also where they are what is chosen', async () => {
    const at = 'timestamp("2026-01-05T09:00:00Z")';
    const list = { from: ['only'], value: at, columns: { Made: at, Took: 'duration("90s")' } };
    const step = { ...pick, with: { inputs: { moment: { prompt: 'Which?', list } } } };
    const answer = value('2026-01-05T09:00:00.000Z');
    const { operator, events } = await life([step], { kinds, answers: { pick: answer } });
    expect((operator.asked as InputQuestion[])[0]?.input.options).toEqual([
      { value: '2026-01-05T09:00:00.000Z', label: '2026-01-05T09:00:00.000Z  1m30s' },
    ]);
    expect(ofType(events, 'step.finished')[0]?.output).toEqual({
      moment: { $time: '2026-01-05T09:00:00.000Z' },
    });
  });

  it('does not ask again what the journal knows', async () => {
    const first = await life([pick, last], { kinds, answers: { pick: value('b1') } });
    const second = await life([pick, last], { kinds, history: first.events, answers: { pick: value(past) } });
    expect(second.operator.questions).toEqual(['input pick']);
    expect(ofType(second.events, 'step.finished')[0]?.output).toMatchObject({ backup: 'b1' });
  });

  it('asks in each round and item anew', async () => {
    const { operator } = await life(
      [
        {
          id: 'hunt',
          repeat: {
            accept: 'steps.good.output.yes',
            steps: [
              { id: 'good', uses: 'ask', with: { inputs: { yes: { prompt: 'Good?', type: 'boolean' } } } },
            ],
          },
        },
      ],
      { kinds, answers: { good: [value(false), value(true)] } },
    );
    expect(operator.questions).toEqual(['input hunt#1/good', 'input hunt#2/good']);
  });

  it('fails when there is nothing to choose from', async () => {
    const nothing: NodeForm = {
      id: 'pick',
      uses: 'ask',
      onFailure: 'continue',
      with: { inputs: { x: { prompt: 'Which?', list: { from: [], value: 'item' } } } },
    };
    const { events } = await life([nothing], { kinds });
    expect(ofType(events, 'step.finished')[0]).toMatchObject({
      error: { message: 'there is nothing to choose from' },
    });
  });
});

describe('a secret that is asked for', () => {
  const login: NodeForm = {
    id: 'login',
    uses: 'ask',
    with: { inputs: { key: { prompt: 'Key?', type: 'secret' } } },
  };
  const use: NodeForm = { id: 'use', uses: 'use', with: { key: '${{ steps.login.output.key }}' } };
  const withUse = (revealed: string[]): Record<string, FakeKind> => ({
    ...kinds,
    use: {
      run: async ({ key }, { secrets }) => {
        revealed.push((await secrets.reveal(key as { $ref: string })).reveal());
        return {};
      },
    },
  });

  it('is held in memory and never journaled', async () => {
    const revealed: string[] = [];
    const concealed: string[] = [];
    const { events } = await life([login, use], {
      kinds: withUse(revealed),
      answers: { login: value('hunter2') },
      options: { conceal: (secret) => void concealed.push(secret) },
    });
    expect(revealed).toEqual(['hunter2']);
    expect(concealed).toEqual(['hunter2']);
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  it('is asked for again when a later life needs it', async () => {
    const whole = await life([login, use], { kinds: withUse([]), answers: { login: value('hunter2') } });
    const death = whole.events.findIndex((event: Event) => event.type === 'step.finished');
    const revealed: string[] = [];
    const second = await life([login, use], {
      kinds: withUse(revealed),
      history: whole.events.slice(0, death + 1),
      answers: { login: value('hunter3') },
    });
    expect(second.operator.asked.map(({ title }: Question) => title)).toEqual(['Key?']);
    expect(revealed).toEqual(['hunter3']);
  });
});
