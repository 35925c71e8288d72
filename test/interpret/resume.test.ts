import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { Event } from '../../engine/model/event.ts';
import type { Reconciliation } from '../../engine/model/kind.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import type { NodeForm, PlaybookForm } from '../rig/playbook.ts';
import { endings, environment, life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';

/** A first life that dies right after the first event that matches. */
async function diesAfter(
  dies: (event: Event) => boolean,
  form: PlaybookForm | readonly NodeForm[],
  options: LifeOptions,
): Promise<readonly Event[]> {
  const { events } = await life(form, options);
  const last = events.findIndex(dies);
  if (last < 0) throw new Error('no such event');
  return events.slice(0, last + 1);
}

const started = (key: string) => (event: Event) => event.type === 'step.started' && event.key === key;

describe('a resumed run', () => {
  it('takes finished steps from the journal, output and all, and does the rest', async () => {
    const steps = [
      { id: 'a', uses: 'write' },
      { id: 'b', uses: 'read', with: { n: '${{ steps.a.output.n }}' } },
    ];
    const kinds = { write: { effect: 'write' as const, run: () => Promise.resolve({ n: 7 }) }, read: {} };
    const history = await diesAfter((event) => event.type === 'step.finished', steps, { kinds });
    const second = await life(steps, { kinds, history });
    expect(second.steps.runs).toEqual(['b read']);
    expect(ofType(second.events, 'step.started').at(-1)?.args).toEqual({ n: 7 });
  });

  it('does not evaluate `when` or `pick` again once they are journaled', async () => {
    let open = true;
    const steps: NodeForm[] = [
      { id: 'probe', uses: 'probe' },
      { id: 'w', uses: 'read', when: 'env.values.open' },
      {
        id: 'path',
        choose: {
          pick: 'env.values.open ? "a" : "b"',
          branches: {
            a: { steps: [{ id: 'inA', uses: 'read' }] },
            b: { steps: [{ id: 'inB', uses: 'read' }] },
          },
        },
      },
    ];
    const kinds = { read: {}, probe: {} };
    const inEnvironment = () => ({ environment: environment('sandbox', { data: { values: { open } } }) });
    const history = await diesAfter(started('inA'), steps, { kinds, ...inEnvironment() });
    open = false;
    const second = await life(steps, { kinds, history, ...inEnvironment() });
    expect(endings(second.events)).toEqual({
      probe: 'succeeded/ok',
      w: 'succeeded/ok',
      inA: 'succeeded/ok',
    });
  });

  it('uses the values of the first life, `now` too, when it runs a step again', async () => {
    const steps = [{ id: 'a', uses: 'read', with: { at: '${{ now }}' } }];
    const history = await diesAfter(started('a'), steps, { kinds: { read: {} } });
    const { FakeClock } = await import('../rig/fake-clock.ts');
    const seen: unknown[] = [];
    await life(steps, {
      kinds: {
        read: { run: (args) => Promise.resolve(void seen.push(args['at'])).then(() => ({})) },
      },
      history,
      clock: new FakeClock('2026-01-06T00:00:00Z'),
    });
    expect(seen).toEqual([Instant.parse('2026-01-05T10:00:00Z')]);
  });

  it('evaluates them again where what the journal holds is not what the step was started with', async () => {
    const steps = [{ id: 'a', uses: 'read', with: { token: '${{ env.values.token }}' } }];
    const inEnvironment = () => ({
      environment: environment('sandbox', { data: { values: { token: 'open' } } }),
    });
    const history = await diesAfter(started('a'), steps, { kinds: { read: {} }, ...inEnvironment() });
    const redacted = history.map((event) =>
      event.type === 'step.started' ? { ...event, args: { token: '[redacted]' } } : event,
    );
    const seen: unknown[] = [];
    const read: FakeKind = { run: (args) => Promise.resolve(void seen.push(args['token'])).then(() => ({})) };
    await life(steps, { kinds: { read }, history: redacted, ...inEnvironment() });
    expect(seen).toEqual(['open']);
  });

  it('replaces targets as the first life did', async () => {
    const steps = [
      { id: 'a', uses: 'write', rebind: { 'databases.main': '${{ output.db }}' } },
      { id: 'b', uses: 'read', with: { db: '${{ env.databases.main }}' } },
    ];
    const kinds = {
      write: { effect: 'write' as const, run: () => Promise.resolve({ db: 'new' }) },
      read: {},
    };
    const history = await diesAfter((event) => event.type === 'step.finished', steps, { kinds });
    const second = await life(steps, { kinds, history });
    expect(ofType(second.events, 'step.started').at(-1)?.args).toEqual({ db: 'new' });
  });

  it('that had ended is left alone', async () => {
    const first = await life([{ id: 'a', uses: 'read' }], { kinds: { read: {} } });
    const second = await life([{ id: 'a', uses: 'read' }], { kinds: { read: {} }, history: first.events });
    expect(second.result).toEqual({ outcome: 'succeeded' });
    expect(second.journal.appends).toBe(0);
  });

  it('runs the producer of a secret again that only the dead process knew', async () => {
    const steps = [
      { id: 'login', uses: 'login', secretOutput: ['token'] },
      { id: 'use', uses: 'use', with: { token: '${{ steps.login.output.token }}' } },
    ];
    const kinds: Record<string, FakeKind> = {
      login: { run: () => Promise.resolve({ token: 'hunter2' }) },
      use: {
        effect: 'write',
        run: async ({ token }, { secrets }) => ({
          length: (await secrets.reveal(token as { $ref: string })).reveal().length,
        }),
      },
    };
    const history = await diesAfter((event) => event.type === 'step.finished', steps, { kinds });
    const second = await life(steps, { kinds, history });
    expect(ofType(second.events, 'step.finished').at(-1)?.output).toEqual({ length: 7 });
  });

  it('opens debts and settles them when the crash came between a step and its consequences', async () => {
    const steps: NodeForm[] = [
      {
        id: 'stop',
        uses: 'write',
        undo: { at: 'exit', pay: 'auto', steps: [{ id: 'start', uses: 'write' }] },
      },
    ];
    const kinds = { write: { effect: 'write' as const } };
    const history = await diesAfter((event) => event.type === 'step.finished', steps, { kinds });
    const second = await life(steps, { kinds, history });
    expect(ofType(second.events, 'debt.opened')).toHaveLength(1);
    expect(second.steps.runs).toEqual(['stop!undo/start write']);
  });
});

describe('a step in doubt', () => {
  const steps: NodeForm[] = [{ id: 'w', uses: 'write', with: { n: 1 }, mark: ['done'] }];

  async function inDoubt(kind: FakeKind, more: Partial<LifeOptions> = {}, form: NodeForm[] = steps) {
    const kinds = { write: { effect: 'write' as const, ...kind }, read: {} };
    const history = await diesAfter(started('w'), form, { kinds, answers: { w: 'go' } });
    return life(form, { kinds, history, ...more });
  }

  const reconciling = (found: Reconciliation): FakeKind => ({ reconcile: () => Promise.resolve(found) });
  const doubts = (events: readonly Event[]) => ofType(events, 'step.inDoubt').map(({ verdict }) => verdict);

  it('that happened is not done again; its output is what was found', async () => {
    const { steps: ran, events } = await inDoubt(reconciling({ verdict: 'happened', output: { id: 'x' } }));
    expect(ran.runs).toEqual([]);
    expect(ofType(events, 'step.finished')[0]).toMatchObject({ outcome: 'succeeded', output: { id: 'x' } });
    expect(ofType(events, 'mark.set').map(({ mark }) => mark)).toContain('done');
  });

  it('that did not happen is done now', async () => {
    const { steps: ran, events } = await inDoubt(reconciling({ verdict: 'notHappened' }));
    expect(ran.runs).toEqual(['w write']);
    expect(doubts(events)).toEqual(['notHappened']);
  });

  it('that is still under way is attached to again, with its checkpoint', async () => {
    let found: unknown;
    const kinds: Record<string, FakeKind> = {
      write: {
        effect: 'write',
        run: async (_, context) => {
          found = context.checkpoint;
          await context.saveCheckpoint({ job: 'j-1' });
          return {};
        },
        reconcile: () => Promise.resolve({ verdict: 'reattach' }),
      },
    };
    const history = await diesAfter((event) => event.type === 'step.checkpoint', steps, { kinds });
    const second = await life(steps, { kinds, history });
    expect(found).toEqual({ job: 'j-1' });
    expect(doubts(second.events)).toEqual(['reattach']);
    expect(ofType(second.events, 'step.started')).toHaveLength(1);
  });

  it.each([
    ['happened', 'succeeded/ok', 0],
    ['notHappened', 'succeeded/ok', 1],
    ['skip', 'skipped/tolerated', 0],
    ['abort', 'cancelled/failed', 0],
  ] as const)('that nobody can tell about is the operator’s to decide: %s', async (answer, ending, runs) => {
    const { events, steps: ran, operator } = await inDoubt({}, { answers: { w: answer } });
    expect(operator.asked[0]).toMatchObject({ type: 'doubt', reason: 'nothing tells whether it happened' });
    expect(endings(events)).toEqual({ w: ending });
    expect(ran.runs).toHaveLength(runs);
  });

  it('is the operator’s too when it cannot be found out', async () => {
    const failing: FakeKind = { reconcile: () => Promise.reject(new StepError('API down', { code: '503' })) };
    const { operator } = await inDoubt(failing, { answers: { w: 'happened' } });
    expect(operator.asked[0]).toMatchObject({ type: 'doubt', reason: 'API down' });
  });

  it('is found done by its guard', async () => {
    const guarded: NodeForm[] = [
      { id: 'w', uses: 'write', guard: { uses: 'state', that: 'output.on' }, confirm: { message: 'Go?' } },
    ];
    const state = (on: boolean): Record<string, FakeKind> => ({
      write: { effect: 'write' },
      state: { run: () => Promise.resolve({ on }) },
    });
    const history = await diesAfter(started('w'), guarded, { kinds: state(false), answers: { w: 'go' } });
    const second = await life(guarded, { kinds: state(true), history });
    expect(second.steps.count('write')).toBe(0);
    expect(endings(second.events)).toEqual({ w: 'succeeded/ok' });
  });

  it('that changes nothing, or may be done twice, is simply done again', async () => {
    const reading = await inDoubt({ effect: 'read' });
    expect(doubts(reading.events)).toEqual(['repeatable']);
    const idempotent = await inDoubt({}, {}, [{ id: 'w', uses: 'write', idempotent: true }]);
    expect(idempotent.steps.runs).toEqual(['w write']);
  });

  it('whose effect is recorded is only waited for', async () => {
    const form: NodeForm[] = [{ id: 'w', uses: 'write', until: { uses: 'read', that: 'output.up' } }];
    const kinds = (up: boolean): Record<string, FakeKind> => ({
      write: { effect: 'write', run: () => Promise.resolve({ n: 1 }) },
      read: { run: () => Promise.resolve({ up }) },
    });
    const history = await diesAfter((event) => event.type === 'step.checkpoint', form, {
      kinds: kinds(true),
    });
    const second = await life(form, { kinds: kinds(true), history });
    expect(second.steps.runs).toEqual(['w read']);
    expect(ofType(second.events, 'step.finished')[0]).toMatchObject({ output: { n: 1 } });
  });

  it('is not in doubt after a failure that is known: the operator’s answer still counts', async () => {
    const failing: FakeKind = {
      effect: 'write',
      run: () => Promise.reject(new StepError('no', { code: 'no', changed: 'nothing' })),
    };
    const kinds = { write: failing };
    const history = await diesAfter((event) => event.type === 'gate.answered', steps, {
      kinds,
      answers: { w: { answer: 'accept', reason: 'seen' } },
    });
    const second = await life(steps, { kinds, history });
    expect(second.operator.questions).toEqual([]);
    expect(second.steps.runs).toEqual([]);
    expect(ofType(second.events, 'step.finished')[0]).toMatchObject({
      outcome: 'accepted',
      reason: 'seen',
      by: 'ada',
    });
  });

  it('goes on with the next attempt when it died in the pause before it', async () => {
    let failures = 0;
    const failing: FakeKind = {
      effect: 'write',
      run: () =>
        failures++ < 2
          ? Promise.reject(new StepError('no', { code: 'no', changed: 'nothing' }))
          : Promise.resolve({}),
    };
    const form: NodeForm[] = [{ id: 'w', uses: 'write', retry: { attempts: 3, delay: '5s' } }];
    const history = await diesAfter((event) => event.type === 'step.attemptFailed', form, {
      kinds: { write: failing },
    });
    failures = 1;
    const second = await life(form, { kinds: { write: failing }, history });
    expect(ofType(second.events, 'step.attemptFailed').map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(ofType(second.events, 'step.started')).toHaveLength(1);
  });
});

describe('an answered gate', () => {
  const steps = (at: string): NodeForm[] => [
    { id: 'w', uses: 'write', with: { at }, confirm: { message: 'Go?' } },
  ];
  const answered = (event: Event): boolean => event.type === 'gate.answered';

  it.each([
    ['write', '${{ 1 }}', 0],
    ['write', '${{ now }}', 0],
    ['destructive', '${{ 1 }}', 0],
    ['destructive', '${{ now }}', 1],
  ] as const)('before a %s step with %s is asked again %d times', async (effect, at, asked) => {
    const kinds = { write: { effect } };
    const history = await diesAfter(answered, steps(at), { kinds, answers: { w: 'go' } });
    const { FakeClock } = await import('../rig/fake-clock.ts');
    const second = await life(steps(at), {
      kinds,
      history,
      answers: { w: 'go' },
      clock: new FakeClock('2026-01-06T00:00:00Z'),
    });
    expect(second.operator.asked).toHaveLength(asked);
    expect(second.result).toEqual({ outcome: 'succeeded' });
  });
});

describe('pause and stop', () => {
  it('pausing breaks off what changes nothing and waits for what does', async () => {
    const run = async (effect: 'read' | 'write') => {
      const pausing = new AbortController();
      const kinds: Record<string, FakeKind> = {
        slow: {
          effect,
          run: async (_, { clock, signal }) => {
            pausing.abort(new Error('ctrl-c'));
            await clock.sleep(60_000, signal);
            if (signal.aborted) throw new Error('aborted');
            return {};
          },
        },
        next: { effect: 'write' },
      };
      return life(
        [
          { id: 'a', uses: 'slow' },
          { id: 'b', uses: 'next' },
        ],
        { kinds, options: { pause: pausing.signal } },
      );
    };
    const reading = await run('read');
    expect(reading.result).toEqual({ paused: true, reason: 'interrupted' });
    expect(endings(reading.events)).toEqual({});
    const writing = await run('write');
    expect(writing.result).toEqual({ paused: true, reason: 'interrupted' });
    expect(endings(writing.events)).toEqual({ a: 'succeeded/ok' });
    expect(writing.steps.count('next')).toBe(0);
  });

  it('stopping aborts a step that writes, which is in doubt then', async () => {
    const stopping = new AbortController();
    const { result, events } = await life([{ id: 'w', uses: 'slow' }], {
      kinds: {
        slow: {
          effect: 'write',
          run: async (_, { clock, signal }) => {
            stopping.abort(new Error('ctrl-c ctrl-c'));
            await clock.sleep(60_000, signal);
            throw new Error('aborted');
          },
        },
      },
      options: { stop: stopping.signal },
    });
    expect(result).toEqual({ paused: true, reason: 'a step was stopped' });
    expect(events.at(-1)).toMatchObject({ type: 'run.paused' });
    expect(endings(events)).toEqual({});
  });
});
