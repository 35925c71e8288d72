import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import { rehearse } from '../../engine/interpret/rehearse.ts';
import { StepError } from '../../engine/model/kind.ts';
import type { Event, StepOutcome } from '../../engine/model/event.ts';
import { hasWorked } from '../../engine/model/worked.ts';
import { environment, life, ofType, setUp } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';
import type { NodeForm, PlaybookForm } from '../rig/playbook.ts';

/** A world in which whatever reads is red once it is broken. */
function world() {
  const state = { broken: false, readings: 0, noticing: 0, calls: [] as string[] };
  const health = () =>
    state.broken
      ? Promise.reject(new StepError('out of reach', { code: '503' }))
      : Promise.resolve({ status: 200 });
  return {
    ...state,
    state,
    kinds: {
      health: { run: health },
      echo: { run: (args: ValueMap) => Promise.resolve(args) },
      // The damage reaches it with its third reading.
      slow: { run: () => Promise.resolve({ alive: ++state.readings < 3 }) },
      // Somebody notices with the third reading of a broken world.
      later: { run: () => Promise.resolve({ alive: !state.broken || ++state.noticing < 3 }) },
      write: { effect: 'write' as const },
      breaks: { effect: 'write' as const },
      fails: { run: () => Promise.reject(new StepError('it fails', { code: 'broken' })) },
    },
  };
}

const verify = (...steps: NodeForm[]): PlaybookForm => ({
  inputs: { limit: {} },
  detect: [{ uses: 'health', that: 'output.status == 200' }],
  rehearsals: { whole: { fault: { uses: 'break', with: { of: '${{ env.name }}' } }, answers: { limit: 5 } } },
  steps: [
    { id: 'repair', uses: 'write' },
    { phase: 'Verify', steps },
  ],
});

async function rehearsal(
  form: PlaybookForm,
  options: { readonly history?: readonly Event[]; readonly breaks?: boolean; readonly broken?: boolean } = {},
) {
  const broken = world();
  broken.state.broken =
    options.broken ?? (options.history ?? []).some(({ type }) => type === 'fault.injected');
  const setting = setUp(form, {
    kinds: broken.kinds,
    environment: environment('sandbox', { data: { name: 'sandbox' } }),
    ...(options.history !== undefined && { history: options.history }),
  });
  const [plan] = setting.options.playbook.rehearsals;
  const result = await rehearse({
    ...setting.options,
    rehearsal: plan!,
    world: {
      baseline: () => Promise.resolve(void broken.calls.push('baseline')),
      inject: (uses, args) => {
        broken.calls.push(`${uses} ${JSON.stringify(args['of'])}`);
        broken.state.broken = options.breaks ?? true;
        return Promise.resolve({ description: 'it is broken', output: { at: setting.clock.now() } });
      },
    },
  });
  return { ...setting, result, calls: broken.calls };
}

const proofs = (events: readonly Event[]) =>
  Object.fromEntries(ofType(events, 'check.proved').map(({ step, verdict }) => [step, verdict]));

describe('a rehearsal', () => {
  it('breaks the world, waits until that is noticed, and sets both marks', async () => {
    const { result, events, calls, clock } = await rehearsal(verify());
    expect(calls).toEqual(['baseline', 'break "sandbox"']);
    expect(result).toEqual({ fault: { at: clock.now() } });
    expect(ofType(events, 'fault.injected')[0]).toMatchObject({
      fault: 'break',
      description: 'it is broken',
    });
    expect(ofType(events, 'mark.set').map(({ mark, source }) => `${mark} ${source}`)).toEqual([
      'occurred fault',
      'detected detect',
    ]);
  });

  it('gives the alarm when it has done what is its own: no second of that is a recovery’s', async () => {
    const { events, clock } = await rehearsal({
      ...verify({ id: 'worker', uses: 'slow', until: { that: 'output.alive' } }),
      // Noticed with its third reading, and the check turns red with its third: both are waited for.
      detect: [{ uses: 'later', that: 'output.alive' }],
    });
    const marks = Object.fromEntries(ofType(events, 'mark.set').map(({ mark, time }) => [mark, time ?? 0]));
    const own = events.filter(({ type }) => type === 'fault.injected' || type === 'check.proved');
    expect(marks['detected']).toBe(clock.now().epochMicros);
    expect(marks['detected']).toBeGreaterThanOrEqual(own.at(-1)!.at);
    expect(marks['detected']! - marks['occurred']!).toBe(4_000_000);
  });

  it('gives the alarm in the life that has tried the last check, however long a pause before it was', async () => {
    const form = verify({ id: 'red', uses: 'health', until: { that: 'output.status == 200' } });
    const { events } = await rehearsal(form);
    const killed = events.slice(
      0,
      events.findIndex(({ type }) => type === 'check.proved'),
    );
    expect(ofType(killed, 'mark.set').map(({ mark }) => mark)).toEqual(['occurred']);
    const resumed = await rehearsal(form, { history: killed });
    expect(ofType(resumed.events, 'mark.set').map(({ mark }) => mark)).toEqual(['occurred', 'detected']);
    expect(resumed.events.findIndex(({ type }) => type === 'check.proved')).toBe(resumed.events.length - 2);
  });

  it('fails when nothing notices the fault', async () => {
    const { result, events } = await rehearsal(verify(), { breaks: false });
    expect(result).toEqual({ outcome: 'failed' });
    expect(events.at(-1)).toMatchObject({
      type: 'run.finished',
      reason: 'the fault broke nothing that `detect` notices: every probe stays green',
    });
  });

  it('proves each check of the result against the broken world', async () => {
    const { events, steps } = await rehearsal(
      verify(
        { id: 'red', uses: 'health', until: { that: 'output.status == 200' } },
        { id: 'wrong', uses: 'echo', with: { n: 3 }, assert: [{ that: 'output.n > inputs.limit' }] },
        { id: 'green', uses: 'echo', with: { n: 3 }, assert: [{ that: 'output.n == 3' }] },
        { id: 'aimed', uses: 'echo', with: { n: 3 }, prove: { n: 0 }, assert: [{ that: 'output.n == 3' }] },
        { id: 'mustFail', uses: 'echo', expectFailure: 'error.code == "x"' },
        {
          id: 'needs',
          uses: 'echo',
          with: { n: '${{ steps.repair.output.id }}' },
          assert: [{ that: 'true' }],
        },
        { id: 'writes', uses: 'write', assert: [{ that: 'true' }] },
        { id: 'noCheck', uses: 'echo' },
      ),
    );
    expect(proofs(events)).toEqual({
      red: 'red',
      wrong: 'red',
      green: 'green',
      aimed: 'red',
      mustFail: 'red',
      needs: 'notAimable',
      writes: 'notAimable',
    });
    expect(steps.count('write')).toBe(0);
  });

  it('proves the checks of a playbook that is called to verify', async () => {
    const application = playbook({
      steps: [
        { id: 'page', uses: 'health', until: { that: 'output.status == 200' } },
        { id: 'asksCaller', uses: 'echo', assert: [{ that: 'inputs.given > 0' }] },
      ],
    });
    const { events } = await rehearsal(
      verify({ id: 'application', playbook: application }, { id: 'onceMore', playbook: application }),
    );
    expect(proofs(events)).toEqual({ 'application/page': 'red', 'application/asksCaller': 'notAimable' });
    // Once looked at, and known at both places.
    expect(ofType(events, 'check.proved').map(({ alsoAt }) => alsoAt)).toEqual([
      ['onceMore/page'],
      ['onceMore/asksCaller'],
    ]);
  });

  it('names a check of a branch that goes on beside others as its step is named later', async () => {
    const check: NodeForm = {
      id: 'page',
      uses: 'health',
      assert: [{ that: 'output.status == inputs.limit' }],
    };
    const { events } = await rehearsal(
      verify({ id: 'both', parallel: { branches: { left: { steps: [check] } } } }),
    );
    expect(proofs(events)).toEqual({ 'both/left/page': 'red' });
  });

  it('gives a check time to turn red: damage spreads', async () => {
    const { events, steps } = await rehearsal(
      verify({ id: 'worker', uses: 'slow', until: { that: 'output.alive' } }),
    );
    expect(proofs(events)).toEqual({ worker: 'red' });
    expect(steps.count('slow')).toBe(3);
  });

  it('breaks nothing while a probe is red that should tell that something is broken', async () => {
    const { result, calls, events } = await rehearsal(verify(), { broken: true });
    expect(result).toEqual({ outcome: 'failed' });
    expect(calls).toEqual(['baseline']);
    expect(ofType(events, 'run.finished')[0]?.reason).toBe(
      'probe 1 of `detect` is red although nothing is broken: out of reach',
    );
  });

  it('breaks nothing for a probe that cannot be judged: an error is no sign', async () => {
    const wrong = { ...verify(), detect: [{ uses: 'health', that: 'output.rows[0].id == 1' }] };
    const { calls, events } = await rehearsal(wrong);
    expect(calls).toEqual(['baseline']);
    expect(ofType(events, 'run.finished')[0]?.reason).toMatch(/^probe 1 of `detect` is red although nothing/);
  });

  it('does not break a world twice: what is in the journal is not done again', async () => {
    const form = verify(
      { id: 'one', uses: 'health', assert: [{ that: 'output.status == 200' }] },
      { id: 'two', uses: 'health', assert: [{ that: 'output.status == 200' }] },
    );
    const first = await rehearsal(form);
    const afterOne = first.events.findIndex(({ type }) => type === 'check.proved');
    const second = await rehearsal(form, { history: first.events.slice(0, afterOne + 1) });
    expect(second.calls).toEqual([]);
    expect(second.result).toEqual(first.result);
    expect(proofs(second.events)).toEqual({ one: 'red', two: 'red' });
    expect(ofType(second.events, 'check.proved')).toHaveLength(2);
  });

  it('that died before its fault was journaled breaks a new world', async () => {
    const first = await rehearsal(verify());
    const { calls } = await rehearsal(verify(), { history: first.events.slice(0, 1) });
    expect(calls).toEqual(['baseline', 'break "sandbox"']);
  });

  it('without a fault breaks nothing', async () => {
    const { result, events, calls } = await rehearsal({
      ...verify({ id: 'check', uses: 'health', assert: [{ that: 'true' }] }),
      rehearsals: { none: {} },
    });
    expect(calls).toEqual(['baseline']);
    expect(result).toEqual({ fault: {} });
    expect(proofs(events)).toEqual({});
  });

  it('without a fault, goes on in whatever state its steps have left the world', async () => {
    const form = { rehearsals: { none: {} }, steps: [{ id: 'spoil', uses: 'echo' }] };
    const { events } = await life(form, { kinds: world().kinds });
    const begun = events.findIndex(({ type }) => type === 'step.started');
    const { calls, result } = await rehearsal(form, { history: events.slice(0, begun + 1) });
    expect(calls).toEqual([]);
    expect(result).toEqual({ fault: {} });
  });

  it.each<[StepOutcome, 'the same world' | 'a sound world']>([
    ['skipped', 'a sound world'],
    ['succeeded', 'the same world'],
    ['failed', 'the same world'],
    ['alreadyDone', 'the same world'],
    ['byHand', 'the same world'],
    ['declined', 'the same world'],
    ['accepted', 'the same world'],
    ['timedOut', 'the same world'],
    ['cancelled', 'the same world'],
  ])('whose first step ended as %s, without having begun, goes on in %s', async (outcome, where) => {
    const form = { rehearsals: { none: {} }, steps: [{ id: 'first', uses: 'echo' }] };
    const { events } = await life(form, { kinds: world().kinds });
    const history = events.flatMap((event): Event[] =>
      event.type === 'run.started'
        ? [event]
        : event.type === 'step.finished'
          ? [{ ...event, outcome, seq: 2 }]
          : [],
    );
    const { calls } = await rehearsal(form, { history });
    expect(calls).toEqual(where === 'a sound world' ? ['baseline'] : []);
    expect(hasWorked(history)).toBe(where === 'the same world'); // keeps the sandbox that the run has
  });

  describe('of steps', () => {
    const bySteps = (options: { readonly fails?: boolean } = {}): PlaybookForm => ({
      ...verify({ id: 'red', uses: 'health', assert: [{ that: 'output.status == 200' }] }),
      rehearsals: {
        steps: {
          fault: [
            {
              steps: [
                {
                  id: 'damage',
                  uses: 'write',
                  undo: { at: 'abort', pay: 'auto', steps: [{ id: 'heal', uses: 'write' }] },
                },
                {
                  id: 'more',
                  uses: options.fails === true ? 'health' : 'breaks',
                  assert: [{ that: 'true' }],
                },
                ...(options.fails === true
                  ? [{ id: 'fails', uses: 'fails', onFailure: 'abort' as const }]
                  : []),
              ],
              always: [{ id: 'putRight', uses: 'write' }],
              outputs: { at: '${{ now - duration("1m") }}', who: 'steps' },
            },
            { uses: 'break', with: { of: 'it' } },
          ],
        },
      },
    });

    it('breaks by them, in their order with other faults, and tells of all as one', async () => {
      const { result, events, steps, clock } = await rehearsal(bySteps(), { broken: false });
      const at = new Instant(clock.now().epochMicros - 60_000_000);
      expect(result).toEqual({ fault: { at, who: 'steps' } });
      expect(ofType(events, 'fault.injected').map(({ fault, number }) => [fault, number])).toEqual([
        ['steps', undefined],
        ['break', 2],
      ]);
      expect(ofType(events, 'mark.set')[0]).toMatchObject({ mark: 'occurred', time: at.epochMicros });
      expect(ofType(events, 'step.started').map(({ key }) => key)).toEqual(['!fault/damage', '!fault/more']);
      expect(proofs(events)).toEqual({ red: 'red' });
      // What they broke is put right when the drill ends.
      expect(steps.count('write')).toBe(1);
    });

    it.each([
      ['one of them fails', bySteps({ fails: true }), 'fails'],
      ['nothing notices', bySteps(), 'every probe stays green'],
    ])('puts right what they broke when %s, and fails', async (_, form, reason) => {
      const { result, events } = await rehearsal(form, { broken: false, breaks: false });
      expect(result).toEqual({ outcome: 'failed' });
      expect(ofType(events, 'run.finished')[0]?.reason).toContain(reason);
      const finished = ofType(events, 'step.finished').map(({ key }) => key);
      expect(finished.slice(-2)).toEqual(['!fault/damage!undo/heal', '!fault/always/putRight']);
      expect(finished).not.toContain('repair');
    });
  });
});
