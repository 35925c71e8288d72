import { describe, expect, it } from 'vitest';
import type { Value } from '../../engine/base/value.ts';
import type { Event } from '../../engine/model/event.ts';
import type { Handle } from '../../engine/model/handle.ts';
import type { Vault } from '../../engine/model/ports.ts';
import { OperatorNeeded } from '../../engine/model/ports.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';
import { value } from '../rig/fake-operator.ts';

/** A world with one secret in it, which is read, overwritten and put back. */
function world() {
  const state = { secret: 'old-secret', putBack: undefined as string | undefined };
  const kinds: Record<string, FakeKind> = {
    read: { run: () => Promise.resolve({ json: { token: state.secret } }) },
    look: {},
    overwrite: {
      effect: 'write',
      run: () => {
        state.secret = 'new-secret';
        return Promise.resolve({});
      },
    },
    fails: {
      effect: 'write',
      run: () => Promise.reject(new StepError('no', { code: 'no', changed: 'maybe' })),
    },
    people: { people: 'manual', effect: 'none', run: () => Promise.reject(new Error('people do it')) },
    putBack: {
      effect: 'write',
      run: async ({ token }, { secrets }) => {
        state.putBack = (await secrets.reveal(token as Handle)).reveal();
        return {};
      },
    },
    die: { run: () => Promise.resolve({}) },
  };
  return { state, kinds };
}

const READ: NodeForm = { id: 'old', title: 'Read the secret', uses: 'read', secretOutput: ['json.token'] };
const KEPT: NodeForm = { ...READ, secretOutput: [{ path: 'json.token', keep: true }] };
const DIE: NodeForm = { id: 'die', uses: 'die' };
const BACK: NodeForm = {
  id: 'back',
  uses: 'putBack',
  with: { token: '${{ steps.old.output.json.token }}' },
};

type Setting = Omit<LifeOptions, 'kinds'>;

/** Lives until the step `die` begins, and once more. */
async function twoLives(steps: readonly NodeForm[], first: Setting = {}, second: Setting = {}) {
  const { state, kinds } = world();
  const before = await life(steps, { kinds, ...first });
  const died = before.events.findIndex((event) => event.type === 'step.started' && event.key === 'die');
  expect(died).toBeGreaterThan(0);
  state.putBack = undefined;
  const after = await life(steps, { kinds, history: before.events.slice(0, died + 1), ...second });
  return { state, ...after };
}

function memoryVault(): Vault & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    keep: (step, path, secret) => Promise.resolve(void kept.set(`${step} ${path}`, secret)),
    recall: (step, path) => Promise.resolve(kept.get(`${step} ${path}`)),
  };
}

const byHand = { answer: 'byHand', reason: 'in the console', values: {} } as const;

describe('a secret that only a process that is gone held', () => {
  it.each<[string, NodeForm[]]>([
    ['nothing', []],
    ['a step that reads', [{ id: 'look', uses: 'look' }]],
    ['a write that was not wanted', [{ id: 'write', title: 'Write', uses: 'overwrite', when: 'false' }]],
  ])('is read again after %s', async (_, between) => {
    const { state, result, operator } = await twoLives([READ, ...between, DIE, BACK]);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(operator.asked).toEqual([]);
    expect(state.putBack).toBe('old-secret');
  });

  const write: NodeForm = { id: 'write', title: 'Overwrite it', uses: 'overwrite' };
  const undone: NodeForm = {
    ...{ id: 'fails', title: 'Try', uses: 'fails', onFailure: 'ask' },
    undo: { at: 'abort', pay: 'auto', steps: [write] },
  };
  it.each<[string, NodeForm[], LifeOptions['answers']?]>([
    ['a write', [write]],
    ['a write that may be done twice', [{ ...write, idempotent: true }]],
    ['a write that failed', [{ id: 'write', title: 'Overwrite it', uses: 'fails', onFailure: 'continue' }]],
    ['a write by hand', [{ ...write, uses: 'fails' }], { write: byHand }],
    [
      'a write instead of which something was done by hand at its gate',
      [{ ...write, confirm: { message: 'Now?' } }],
      { write: byHand },
    ],
    ['people who did something', [{ id: 'write', title: 'Overwrite it', uses: 'people' }], { write: 'done' }],
    ['an undo', [undone], { fails: ['undo', { answer: 'accept', reason: 'so' }] }],
    [
      'a write beside it',
      [
        {
          id: 'beside',
          parallel: { branches: { a: { steps: [write] }, b: { steps: [{ id: 'look', uses: 'look' }] } } },
        },
      ],
    ],
    ['writes in a loop', [{ id: 'each', forEach: { in: [1, 2] }, steps: [write] }]],
  ])('is never read again after %s: the operator is asked', async (_, between, answers = {}) => {
    const steps = [READ, ...between, DIE, BACK];
    const alone = await twoLives(steps, { answers });
    expect(alone.result).toMatchObject({ error: expect.any(OperatorNeeded) as unknown });
    expect(String((alone.result as { error?: unknown }).error)).toMatch(
      /The secret "json.token" that "Read the secret" gave: It was not kept. "(Overwrite it|Try).*" has been done since/,
    );
    expect(alone.steps.count('read')).toBe(0);
    expect(alone.state.putBack).toBeUndefined();

    const told = await twoLives(steps, { answers }, { answers: { old: value('old-secret') } });
    expect(told.result).toEqual({ outcome: 'succeeded' });
    expect(told.state.putBack).toBe('old-secret');
    expect(JSON.stringify(told.events)).not.toContain('old-secret');
  });

  it('is asked for before the step begins that needs it, so that nothing is in doubt', async () => {
    const { events } = await twoLives([READ, write, DIE, BACK]);
    expect(ofType(events, 'step.started').map(({ key }) => key)).not.toContain('back');
    expect(events.at(-1)).toMatchObject({ type: 'run.paused', reason: 'an operator is needed' });
  });

  it('is the operator’s to give where a person had given it', async () => {
    const failing: NodeForm = { ...READ, uses: 'fails' };
    const given = {
      answer: 'byHand',
      reason: 'read in the console',
      values: { json: { token: 'old-secret' } },
    } as const;
    const { result, operator, state, events } = await twoLives(
      [failing, DIE, BACK],
      { answers: { old: given } },
      { answers: { old: value('old-secret') } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(operator.asked[0]).toMatchObject({ type: 'input', why: 'It was not kept. A person gave it.' });
    expect(state.putBack).toBe('old-secret');
    expect(JSON.stringify(events)).not.toContain('old-secret');
  });

  it('is not read again where the journal has lost what was done since', async () => {
    const { kinds } = world();
    const before = await life([READ, DIE, BACK], { kinds });
    const died = before.events.findIndex((event) => event.type === 'step.started' && event.key === 'die');
    const seq = died + 2;
    const repaired: Event = {
      ...{ seq, at: 0, up: 0 },
      ...{ type: 'journal.repaired', bytes: 1, head: { seq: 99, hash: 'x' } },
    };
    const history = [...before.events.slice(0, died + 1), repaired];
    const answers = { back: 'notHappened' } as const;
    const { result } = await life([READ, DIE, BACK], { kinds, history, answers });
    expect(String((result as { error?: unknown }).error)).toContain('to read it again could give another');
  });

  it('is asked for once, by however many steps it is needed', async () => {
    const both: NodeForm = {
      id: 'both',
      parallel: { branches: { a: { steps: [BACK] }, b: { steps: [{ ...BACK, id: 'again' }] } } },
    };
    const { result, operator } = await twoLives(
      [READ, write, DIE, both],
      {},
      { answers: { old: value('old-secret') } },
    );
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(operator.questions).toEqual(['input old']);
  });
});

describe('a secret that is kept', () => {
  const write: NodeForm = { id: 'write', title: 'Overwrite it', uses: 'overwrite' };
  const steps = [KEPT, write, DIE, BACK];

  it('comes out of the vault, unasked, whatever was changed', async () => {
    const options = { vault: memoryVault() };
    const { result, state, operator, steps: ran } = await twoLives(steps, { options }, { options });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(state.putBack).toBe('old-secret');
    expect(operator.asked).toEqual([]);
    expect(ran.count('read')).toBe(0);
    expect([...options.vault.kept]).toEqual([['old json.token', 'old-secret']]);
  });

  it('is asked for when the vault does not open, with the reason', async () => {
    const closed: Vault = { ...memoryVault(), recall: () => Promise.reject(new Error('KEY is not set')) };
    const { operator } = await twoLives(
      steps,
      { options: { vault: memoryVault() } },
      { options: { vault: closed } },
    );
    expect(operator.asked[0]).toMatchObject({
      type: 'input',
      why: expect.stringMatching(
        /^KEY is not set\. It was not kept|^KEY is not set\. "Overwrite it"/,
      ) as string,
    });
  });

  it('fails its step when it cannot be kept: nobody goes on and finds it missing later', async () => {
    const full: Vault = { ...memoryVault(), keep: () => Promise.reject(new Error('no space')) };
    const { events, result } = await life([KEPT, write], { kinds: world().kinds, options: { vault: full } });
    expect(result).toMatchObject({ error: expect.any(OperatorNeeded) as unknown });
    expect(ofType(events, 'step.attemptFailed')[0]?.error).toMatchObject({
      code: 'keep',
      message: 'its secret "json.token" could not be kept: no space',
      changed: 'nothing',
    });
    expect(ofType(events, 'step.started').map(({ key }) => key)).toEqual(['old']);
  });
});

describe('«retry with other values»', () => {
  it('keeps what stands in the place of a secret as one', async () => {
    const used: Value[] = [];
    const kinds: Record<string, FakeKind> = {
      read: { run: () => Promise.resolve({ token: 'first-secret' }) },
      use: {
        run: async ({ env }, { secrets }) => {
          const { T } = env as { T: Handle };
          used.push((await secrets.reveal(T)).reveal());
          if (used.length === 1) throw new StepError('denied', { code: 'denied' });
          return {};
        },
      },
    };
    const steps: NodeForm[] = [
      { id: 'old', uses: 'read', secretOutput: ['token'] },
      { id: 'use', uses: 'use', with: { env: { T: '${{ steps.old.output.token }}', N: 1 } } },
    ];
    const retry = { answer: 'retryWith', values: { env: { T: 'second-secret', N: 2 } } } as const;
    const { events } = await life(steps, { kinds, answers: { use: retry } });
    expect(used).toEqual(['first-secret', 'second-secret']);
    expect(JSON.stringify(events)).not.toMatch(/first-secret|second-secret/);
    expect(events.filter((event: Event) => event.type === 'gate.answered').at(-1)).toMatchObject({
      values: { env: { N: 2 } },
    });
  });
});
