import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import { newKey, sign } from '../../engine/base/ed25519.ts';
import type { Event } from '../../engine/model/event.ts';
import type { AnswerSaid } from '../../engine/model/message.ts';
import { statementOf } from '../../engine/model/message.ts';
import { OperatorNeeded } from '../../engine/model/ports.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import fc from '../rig/fast-check.ts';
import { silence } from '../rig/fake-operator.ts';
import type { Reply } from '../rig/fake-operator.ts';
import { environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import { MemoryInbox } from '../rig/memory-inbox.ts';

const PEOPLE = {
  ada: { name: 'Ada', roles: ['dba'] },
  ben: { name: 'Ben', roles: ['lead'] },
  cleo: { name: 'Cleo', roles: ['dba'] },
};

const STEPS = [
  { id: 'first', uses: 'write', confirm: { message: 'The first.' } },
  { id: 'second', uses: 'write', by: 'dba', confirm: { message: 'The second.', type: 'peakops' } },
];

const go = (gate: string, by: string, more: Partial<AnswerSaid> = {}): AnswerSaid => ({
  type: 'answer',
  run: 'run1',
  gate,
  by,
  answer: 'go',
  ...more,
});

const json = (said: AnswerSaid): Json => JSON.parse(JSON.stringify(said)) as Json;

type Left = readonly (readonly [id: string, body: Json])[];

/** A run at whose terminal somebody looks at each question and says nothing, while others leave these messages. */
async function joined(
  left: { readonly first?: Left; readonly second?: Left; readonly before?: Left },
  more: Partial<LifeOptions> = {},
  people: ValueMap = PEOPLE,
) {
  const inbox = new MemoryInbox();
  const leave = (messages: Left = []): void => {
    for (const [id, body] of messages) inbox.leave(id, body);
  };
  const whileAsked =
    (messages?: Left): Reply =>
    () => {
      leave(messages);
      return silence();
    };
  leave(left.before);
  return life(STEPS, {
    kinds: { write: { effect: 'write' } },
    mode: 'recover',
    environment: environment('sandbox', { data: { people } }),
    answers: {
      first: [whileAsked(left.first), silence],
      second: [whileAsked(left.second ?? [['message-2', SECOND]]), silence],
    },
    ...more,
    options: { inbox, ...more.options },
  });
}

const answers = (events: readonly Event[]): readonly string[] =>
  ofType(events, 'gate.answered').map(
    ({ gate, answer, by, sent }) => `${gate} ${answer} ${by} ${sent?.message ?? 'here'}`,
  );

const refusals = (events: readonly Event[]): Record<string, string> =>
  Object.fromEntries(ofType(events, 'message.refused').map(({ message, reason }) => [message, reason]));

const FIRST = json(go('first#1', 'ben'));
const SECOND = json(go('second#1', 'ada', { values: { typed: 'peakops' } }));

describe('an answer from elsewhere', () => {
  it('closes the question at the terminal, and the journal says who gave it and what it came as', async () => {
    const { result, events, steps } = await joined({ first: [['message-1', FIRST]] });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.count('write')).toBe(2);
    expect(answers(events)).toEqual(['first#1 go Ben message-1', 'second#1 go Ada message-2']);
    expect(ofType(events, 'gate.answered').at(-1)).toMatchObject({
      role: { name: 'dba', person: 'Ada' },
      sent: { message: 'message-2', account: 'ben' },
    });
  });

  it('counts when it is the first that may be given, and the others are told', async () => {
    const { events } = await joined({
      first: [
        ['message-1', FIRST],
        ['message-3', json(go('first#1', 'cleo'))],
      ],
      second: [
        ['message-4', json(go('second#1', 'ben', { values: { typed: 'peakops' } }))],
        ['message-2', SECOND],
      ],
    });
    expect(answers(events)).toEqual(['first#1 go Ben message-1', 'second#1 go Ada message-2']);
    expect(refusals(events)).toEqual({
      'message-3': 'Ben was first',
      'message-4': 'only dba may say go: Ada, Cleo',
    });
  });

  it('comes too late where the operator was first', async () => {
    const inbox = new MemoryInbox();
    const { events } = await life(STEPS, {
      kinds: { write: { effect: 'write' } },
      answers: {
        first: () => {
          inbox.leave('message-1', FIRST);
          return 'go';
        },
        second: { answer: 'go', values: { typed: 'peakops' } },
      },
      options: { inbox },
    });
    expect(answers(events)).toEqual(['first#1 go ada here', 'second#1 go ada here']);
    expect(refusals(events)).toEqual({ 'message-1': 'ada was first' });
  });

  it.each<readonly [string, Json, string]>([
    ['nobody of the environment', json(go('first#1', 'Eve')), 'the environment knows nobody called "Eve"'],
    ['another run', json(go('first#1', 'ben', { run: 'run2' })), 'it was said to the run run2'],
    ['another step', json(go('third#1', 'ben')), 'it is no question of this run'],
    [
      'an answer that is not offered',
      json(go('first#1', 'ben', { answer: 'pay' })),
      'pay cannot be answered to it from elsewhere',
    ],
    ['no reason', json(go('first#1', 'ben', { answer: 'decline' })), 'decline needs a reason'],
    ['nothing', null, 'it is no message'],
    ['more than it may', { ...(FIRST as JsonObject), admin: true }, 'it has more in it than it may'],
  ])('is refused from, for or with %s', async (_, body, reason) => {
    const { events } = await joined({
      first: [
        ['message-0', body],
        ['message-1', FIRST],
      ],
    });
    expect(refusals(events)).toEqual({ 'message-0': reason });
    expect(answers(events)).toHaveLength(2);
  });

  it('needs the name that is to be typed', async () => {
    const { events } = await joined({
      first: [['message-1', FIRST]],
      second: [
        ['message-0', json(go('second#1', 'ada', { values: { typed: 'peekops' } }))],
        ['message-2', SECOND],
      ],
    });
    expect(refusals(events)).toEqual({ 'message-0': 'peakops has to be typed to say go' });
  });

  it('that nobody had looked at when the writer died counts for the same question of its next life', async () => {
    const dead = await joined({}, { answers: {} });
    expect(answers(dead.events)).toEqual([]);
    const { events, result } = await joined({ before: [['message-1', FIRST]] }, { history: dead.events });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(answers(events)).toEqual(['first#2 go Ben message-1', 'second#1 go Ada message-2']);
  });

  it('that was written down when the writer died is not taken twice, nor refused', async () => {
    const dead = await joined({ first: [['message-1', FIRST]] }, { mode: 'recover' });
    const at = dead.events.findIndex(({ type }) => type === 'gate.answered');
    const { events, result } = await joined(
      { before: [['message-1', FIRST]] },
      { history: dead.events.slice(0, at + 1) },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(answers(events)).toEqual(['first#1 go Ben message-1', 'second#1 go Ada message-2']);
    expect(refusals(events)).toEqual({});
  });

  it('counts for the question that is asked again after a note, which may come from elsewhere too', async () => {
    const { events } = await joined({
      first: [
        ['message-0', json(go('first#1', 'cleo', { answer: 'note', values: { text: 'I look at it.' } }))],
        ['message-1', FIRST],
      ],
    });
    expect(ofType(events, 'note.added')).toMatchObject([{ text: 'I look at it.', by: 'Cleo' }]);
    expect(answers(events)).toEqual([
      'first#1 note Cleo message-0',
      'first#2 go Ben message-1',
      'second#1 go Ada message-2',
    ]);
  });

  it('is waited for where nobody is at the terminal and the run is to wait', async () => {
    const inbox = new MemoryInbox();
    const leaves =
      (id: string, body: Json): Reply =>
      (question) => {
        inbox.leave(id, body);
        throw new OperatorNeeded(question);
      };
    const { result } = await joined(
      {},
      {
        answers: { first: leaves('message-1', FIRST), second: leaves('message-2', SECOND) },
        options: { inbox, waits: true },
      },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
  });

  it('never comes out of anything that somebody leaves in the inbox', async () => {
    const shaped = fc.record(
      {
        type: fc.constantFrom('answer', 'approval', 'go'),
        run: fc.constantFrom('run1', 'run2', ''),
        gate: fc.constantFrom('first#1', 'second#1', 'first#9', '__proto__'),
        by: fc.constantFrom('Eve', '', 'constructor'),
        answer: fc.constantFrom('go', 'constructor', 'note'),
        values: fc.jsonValue(),
        proof: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const junk = fc.sample(fc.oneof(fc.jsonValue(), shaped), 300);
    const left = junk.map((body, at) => [`junk-${String(at)}`, body as Json] as const);
    const { result, events } = await joined({ first: [...left, ['message-1', FIRST]] });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(answers(events)).toEqual(['first#1 go Ben message-1', 'second#1 go Ada message-2']);
    expect(Object.keys(refusals(events))).toHaveLength(junk.length);
  });
});

describe('whoever has a key in the environment', () => {
  const mine = newKey();
  const other = newKey();
  const signed = (said: AnswerSaid, { secret, publicKey } = mine): JsonObject => ({
    ...(json(said) as JsonObject),
    proof: { kind: 'ed25519', key: publicKey, signature: sign(statementOf(said), secret) },
  });
  const people = { ...PEOPLE, ben: { name: 'Ben', keys: [mine.publicKey] } };
  const said = go('first#1', 'ben');

  it('signs with it, and the journal keeps what was signed', async () => {
    const { events } = await joined({ first: [['message-1', signed(said)]] }, {}, people);
    expect(ofType(events, 'gate.answered')[0]?.sent).toMatchObject({
      statement: '{"answer":"go","by":"ben","gate":"first#1","run":"run1","type":"answer"}',
      proof: { kind: 'ed25519', key: mine.publicKey },
    });
  });

  it.each<readonly [string, Json, string]>([
    ['no signature', json(said), 'Ben has a key in the environment, and it is not signed'],
    ['the key of another', signed(said, other), "it is signed with a key that is not one of Ben's"],
    [
      'a signature of something else',
      { ...signed({ ...said, answer: 'decline' }), answer: 'go' },
      'its signature does not fit what it says',
    ],
    [
      'the name of somebody else',
      { ...signed(said), by: 'ada' },
      "it is signed with a key that is not one of Ada's",
    ],
  ])('is not believed with %s', async (_, body, reason) => {
    const left: Left = [
      ['message-0', body],
      ['message-1', signed(said)],
    ];
    const { events } = await joined({ first: left }, {}, people);
    expect(refusals(events)).toEqual({ 'message-0': reason });
  });
});
