import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import { newKey, sign } from '../../engine/base/ed25519.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Event } from '../../engine/model/event.ts';
import type { ApprovalSaid } from '../../engine/model/message.ts';
import { statementOf } from '../../engine/model/message.ts';
import type { Answer, GateQuestion, Question } from '../../engine/model/ports.ts';
import { StepError } from '../../engine/model/kind.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import { HandClock } from '../rig/hand-clock.ts';
import { silence } from '../rig/fake-operator.ts';
import type { Reply } from '../rig/fake-operator.ts';
import { environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import { MemoryInbox } from '../rig/memory-inbox.ts';

const KEYS = { ada: newKey(), ben: newKey(), cleo: newKey(), dora: newKey() };
type Who = keyof typeof KEYS;

// The operator of the rig is called ada.
const PEOPLE = {
  ada: { roles: ['dba'], keys: [KEYS.ada.publicKey] },
  ben: { roles: ['lead'], keys: [KEYS.ben.publicKey] },
  cleo: { roles: ['dba'], keys: [KEYS.cleo.publicKey] },
  dora: { keys: [KEYS.dora.publicKey] },
  eve: { roles: ['dba'] },
};

const MINUTE = 60_000;

/** Passes only as a test says, also while everybody waits. */
class StillClock extends FakeClock {
  override sleep(millis: number, signal?: AbortSignal): Promise<void> {
    return HandClock.prototype.sleep.call(this, millis, signal);
  }
}

/** One at the terminal who is asked again with each approval: what is left in the inbox then, and what is answered in the end. */
class Asked {
  readonly inbox = new MemoryInbox();
  readonly questions: GateQuestion[] = [];
  #sent = 0;

  readonly clock = new StillClock();

  approval(by: Who | 'eve', question: GateQuestion, more: Partial<ApprovalSaid> = {}): ApprovalSaid {
    const now = this.clock.now().epochMicros;
    return {
      type: 'approval',
      run: 'run1',
      step: question.key,
      by,
      digest: question.approvals?.digest ?? '',
      at: new Instant(now).toString(),
      expires: new Instant(now + 30 * MINUTE * 1000).toString(),
      ...more,
    };
  }

  leave(said: ApprovalSaid | Json, key?: Who): void {
    this.#sent += 1;
    const id = `message-${String(this.#sent)}`;
    this.inbox.leave(id, key === undefined ? (said as Json) : signed(said as ApprovalSaid, key));
  }

  /** By what is done at each asking, in order; then silence. */
  replies(...doing: readonly ((question: GateQuestion) => Answer | 'go' | undefined)[]): readonly Reply[] {
    return [...doing, () => undefined, () => undefined].map((does) => (question: Question) => {
      if (question.type !== 'gate') throw new Error('no gate');
      this.questions.push(question);
      return does(question) ?? silence();
    });
  }
}

const signed = (said: ApprovalSaid, key: Who): JsonObject => {
  const proof = {
    kind: 'ed25519',
    key: KEYS[key].publicKey,
    signature: sign(statementOf(said), KEYS[key].secret),
  };
  return { ...(JSON.parse(JSON.stringify(said)) as JsonObject), proof };
};

const approved = (asked: Asked, replies: readonly Reply[], more: Partial<LifeOptions> = {}, count = 2) =>
  life(
    [
      {
        id: 'promote',
        uses: 'write',
        with: { to: 'site-b' },
        confirm: {
          message: 'The other side.',
          approvals: { count, of: ['dba', 'lead'], expiresMs: 30 * MINUTE },
        },
      },
    ],
    {
      kinds: { write: { effect: 'write' } },
      mode: 'recover',
      environment: environment('sandbox', { data: { people: PEOPLE } }),
      clock: asked.clock,
      answers: { promote: replies },
      ...more,
      options: { inbox: asked.inbox, ...more.options },
    },
  );

const answers = (events: readonly Event[]): readonly string[] =>
  ofType(events, 'gate.answered').map(({ gate, answer, by }) => `${gate} ${answer} ${by}`);

const refusals = (events: readonly Event[]): readonly string[] =>
  ofType(events, 'message.refused').map(({ reason }) => reason);

/** Two approve, then the operator goes ahead. */
const both = (asked: Asked) =>
  asked.replies(
    (question) => {
      asked.leave(asked.approval('ben', question), 'ben');
      return undefined;
    },
    (question) => {
      asked.leave(asked.approval('cleo', question), 'cleo');
      return undefined;
    },
    () => 'go',
  );

describe('a gate that needs the approvals of others', () => {
  it('offers go once there are enough of them, and says whose they are', async () => {
    const asked = new Asked();
    const { result, events, steps } = await approved(asked, both(asked));
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.count('write')).toBe(1);
    expect(answers(events)).toEqual(['promote#1 approve ben', 'promote#2 approve cleo', 'promote#3 go ada']);
    expect(asked.questions.map(({ choices }) => choices.includes('go'))).toEqual([false, false, true]);
    expect(asked.questions[2]?.approvals).toMatchObject({
      count: 2,
      people: ['ada', 'ben', 'cleo'],
      have: [{ by: 'ben' }, { by: 'cleo' }],
    });
  });

  it('keeps each with what was signed, and the go with those that it used up', async () => {
    const asked = new Asked();
    const { events } = await approved(asked, both(asked));
    const [first, , go] = ofType(events, 'gate.answered');
    expect(JSON.parse(first?.sent?.statement ?? '')).toMatchObject({
      type: 'approval',
      run: 'run1',
      step: 'promote',
      by: 'ben',
      digest: first?.digest,
    });
    expect(go).toMatchObject({ approvals: ['message-1', 'message-2'], until: first?.until });
  });

  it.each<readonly [string, (asked: Asked, question: GateQuestion) => void, string]>([
    [
      'whoever drives the run',
      (asked, question) => asked.leave(asked.approval('ada', question), 'ada'),
      'ada drives the run: nobody approves their own request',
    ],
    [
      'somebody without the role',
      (asked, question) => asked.leave(asked.approval('dora', question), 'dora'),
      'only ada, ben, cleo may approve it (dba, lead)',
    ],
    [
      'somebody of whom there is no key',
      (asked, question) => asked.leave(asked.approval('eve', question)),
      'an approval is signed, and the environment has no key of eve',
    ],
    [
      'somebody with the key of another',
      (asked, question) => asked.leave(asked.approval('ben', question), 'dora'),
      "it is signed with a key that is not one of ben's",
    ],
    [
      'a signature for another run',
      (asked, question) => asked.leave(asked.approval('ben', question, { run: 'run2' }), 'ben'),
      'it was said to the run run2',
    ],
    [
      'a signature for another step',
      (asked, question) => asked.leave(asked.approval('ben', question, { step: 'other' }), 'ben'),
      'nothing of that name waits to be approved',
    ],
    [
      'a signature for what the step was before',
      (asked, question) => asked.leave(asked.approval('ben', question, { digest: '0'.repeat(64) }), 'ben'),
      'the step is no longer what was approved',
    ],
    [
      'one that says that it counts, and does not any more',
      (asked, question) =>
        asked.leave(asked.approval('ben', question, { at: '2020-01-01T00:00:00Z' }), 'ben'),
      'it counted until 2020-01-01T00:30:00.000Z',
    ],
    [
      'one from the future',
      (asked, question) =>
        asked.leave(asked.approval('ben', question, { at: '2100-01-01T00:00:00Z' }), 'ben'),
      'it was given in the future (2100-01-01T00:00:00Z): a clock is wrong',
    ],
    [
      'a signature of other words',
      (asked, question) => {
        const said = signed(asked.approval('ben', question), 'ben');
        asked.leave({ ...said, expires: '2100-01-01T00:00:00Z' });
      },
      'its signature does not fit what it says',
    ],
  ])('does not count that of %s', async (_, leave, reason) => {
    const asked = new Asked();
    const { events } = await approved(
      asked,
      asked.replies(
        (question) => {
          leave(asked, question);
          asked.leave(asked.approval('cleo', question), 'cleo');
          return undefined;
        },
        () => 'go',
      ),
      {},
      1,
    );
    expect(refusals(events)).toEqual([reason]);
    expect(answers(events)).toEqual(['promote#1 approve cleo', 'promote#2 go ada']);
  });

  it('counts one person once, and one signature once, under whatever id it comes again', async () => {
    const asked = new Asked();
    const { events } = await approved(
      asked,
      asked.replies(
        (question) => {
          const said = asked.approval('ben', question);
          asked.leave(said, 'ben');
          asked.leave(said, 'ben');
          asked.leave(asked.approval('ben', question, { expires: '2100-01-01T00:00:00Z' }), 'ben');
          return undefined;
        },
        (question) => {
          asked.leave(asked.approval('cleo', question), 'cleo');
          return undefined;
        },
        () => 'go',
      ),
    );
    expect(refusals(events)).toEqual(['it was used already', 'ben has approved it already']);
    expect(answers(events)).toHaveLength(3);
  });

  it('is never approved by time, which takes the go away again', async () => {
    const asked = new Asked();
    const { result, events, steps } = await approved(
      asked,
      asked.replies(
        (question) => {
          asked.leave(asked.approval('ben', question), 'ben');
          return undefined;
        },
        // It runs out while the operator looks at it.
        () => {
          void asked.clock.pass(31 * MINUTE);
          return undefined;
        },
        () => ({ answer: 'decline', reason: 'nobody is there any more' }),
      ),
      {},
      1,
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(steps.count('write')).toBe(0);
    expect(answers(events)).toEqual([
      'promote#1 approve ben',
      'promote#2 closed expired',
      'promote#3 decline ada',
    ]);
    expect(asked.questions[2]?.choices).not.toContain('go');
  });

  it('wants new ones for another try', async () => {
    const asked = new Asked();
    let tries = 0;
    const run = (): Promise<object> =>
      (tries += 1) === 1 ? Promise.reject(new StepError('no', { code: 'no' })) : Promise.resolve({});
    const ways = asked.replies(
      (question) => {
        asked.leave(asked.approval('ben', question), 'ben');
        return undefined;
      },
      () => 'go',
      (question) => {
        asked.leave(asked.approval('cleo', question), 'cleo');
        return undefined;
      },
      () => 'go',
    );
    const retried = [...ways.slice(0, 2), 'retry', ...ways.slice(2)] as const;
    const kinds = { write: { effect: 'write' as const, run: run as never } };
    const { result, events } = await approved(asked, retried, { kinds }, 1);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(answers(events)).toEqual([
      'promote#1 approve ben',
      'promote#2 go ada',
      'promote#3 retry ada',
      'promote#4 approve cleo',
      'promote#5 go ada',
    ]);
  });

  it('is not passed by answers given beforehand in a recovery', async () => {
    const asked = new Asked();
    const { result, steps } = await approved(asked, ['go']);
    expect(result).toMatchObject({ error: { name: 'OperatorNeeded' } });
    expect(steps.count('write')).toBe(0);
  });

  it('lets the operator stand in for them in a drill, and the journal shows that there were none', async () => {
    const asked = new Asked();
    const { result, events } = await approved(asked, ['go'], { mode: 'drill' });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'gate.answered')).toMatchObject([{ answer: 'go', by: 'ada' }]);
    expect(ofType(events, 'gate.answered')[0]?.approvals).toBeUndefined();
  });

  it('counts what was approved while no process drove the run', async () => {
    const asked = new Asked();
    const dead = await approved(asked, []);
    const [question] = dead.operator.asked;
    if (question?.type !== 'gate') throw new Error('no gate');
    asked.leave(asked.approval('ben', question), 'ben');
    const { result } = await approved(
      asked,
      asked.replies(
        () => undefined,
        () => 'go',
      ),
      { history: dead.events },
      1,
    );
    expect(result).toEqual({ outcome: 'succeeded' });
  });
});
