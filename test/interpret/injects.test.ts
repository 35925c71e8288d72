import { describe, expect, it } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Event } from '../../engine/model/event.ts';
import { Instant } from '../../engine/base/instant.ts';
import { StepError } from '../../engine/model/kind.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { life, ofType } from '../rig/interpreter.ts';
import { playbook } from '../rig/playbook.ts';
import type { PlaybookForm } from '../rig/playbook.ts';

type Injects = NonNullable<NonNullable<PlaybookForm['rehearsals']>[string]['injects']>;

const minutes = (count: number): FakeKind => ({
  effect: 'write',
  run: async (_, { clock, signal }) => {
    await clock.sleep(count * 60_000, signal);
    signal.throwIfAborted();
    return {};
  },
  reconcile: () => Promise.resolve({ verdict: 'notHappened' }),
});

const refusing: FakeKind = {
  effect: 'write',
  run: () => Promise.reject(new StepError('it does not break', { code: 'x' })),
};

/** A recovery of two steps that take five minutes each, and a part of the world that breaks, or cannot be broken. */
async function recovery(
  injects: Injects,
  more: { history?: readonly Event[]; refuses?: boolean; last?: string } = {},
) {
  const broken: string[] = [];
  const noting = (what: string): FakeKind => ({
    effect: 'write',
    run: () => {
      broken.push(what);
      return Promise.resolve({});
    },
    reconcile: () => Promise.resolve({ verdict: 'notHappened' }),
  });
  const form: PlaybookForm = {
    rehearsals: { one: { injects } },
    steps: [
      { id: 'restore', uses: 'work' },
      { id: 'switch', uses: more.last ?? 'work', onFailure: 'abort' },
    ],
  };
  const [rehearsal] = playbook(form).rehearsals;
  const run = await life(form, {
    kinds: { work: minutes(5), spoil: noting('spoil'), mend: noting('mend'), refuse: refusing },
    clock: new FakeClock(clockAt(more.history)),
    ...(more.history !== undefined && { history: more.history }),
    options: {
      ...(rehearsal !== undefined && { rehearsal }),
      fault: { rows: 7 },
      world: {
        baseline: () => Promise.resolve(),
        inject: (uses: string, args: ValueMap) => {
          if (more.refuses === true) return Promise.reject(new StepError('no such part', { code: 'x' }));
          broken.push(`${uses} ${JSON.stringify(args)}`);
          return Promise.resolve({ description: 'it is broken too', output: {} });
        },
      },
    },
  });
  return { ...run, broken };
}

/** Where the clock stands when a run goes on; `FakeClock` begins at a day of its own. */
const clockAt = (history: readonly Event[] = []): string | undefined => {
  const last = history.at(-1);
  return last === undefined ? undefined : new Instant(last.at).toString();
};

/** Each that came, after which step had ended, and by how many minutes. */
const came = (events: readonly Event[]) => {
  const first = events[0]?.at ?? 0;
  return ofType(events, 'inject.struck').map(
    ({ number, state, text, at }) => `${String(number)} ${state} at ${String((at - first) / 60e6)}m: ${text}`,
  );
};

describe('injects of a rehearsal', () => {
  it('come at their time in the middle of a step, and after their step before the next one', async () => {
    const { events, broken, result } = await recovery([
      { at: '7m', message: 'The second engineer is unreachable; ${{ fault.rows }} rows are lost' },
      { after: 'restore', fault: { uses: 'break', with: { of: '${{ env.services.api.name }}' } } },
      { at: '1h', message: 'The run is over by then' },
      { after: 'switch', answer: { restore: 'go' } },
    ]);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(came(events)).toEqual([
      '2 begun at 5m: break',
      '2 done at 5m: it is broken too',
      '1 done at 7m: The second engineer is unreachable; 7 rows are lost',
      '4 done at 10m: restore: go',
    ]);
    expect(broken).toEqual(['break {"of":"peakops-api"}']);
    const order = events.flatMap((event) =>
      event.type === 'inject.struck' || event.type === 'step.started' ? [event.type] : [],
    );
    expect(order.slice(0, 4)).toEqual(['step.started', 'inject.struck', 'inject.struck', 'step.started']);
  });

  it('do not come twice, whatever event the run was killed after', async () => {
    const injects: Injects = [
      { at: '7m', message: 'A page that lies' },
      { after: 'restore', fault: { uses: 'break' } },
    ];
    const whole = await recovery(injects);
    for (let seq = 1; seq < whole.events.length; seq++) {
      const history = whole.events.slice(0, seq);
      const { events, broken } = await recovery(injects, { history });
      const states = ofType(events, 'inject.struck').map(({ number, state }) => `${String(number)} ${state}`);
      const began = history.some((event) => event.type === 'inject.struck' && event.state === 'begun');
      const ended = history.some(
        (event) => event.type === 'inject.struck' && event.state === 'done' && event.number === 2,
      );
      expect(broken).toHaveLength(began ? 0 : 1);
      // Whether it was broken in between, nobody knows, and nobody breaks it once more.
      expect(states.filter((state) => state.startsWith('2')).toSorted()).toEqual(
        began && !ended ? ['2 begun', '2 unknown'] : ['2 begun', '2 done'],
      );
      expect(states.filter((state) => state.startsWith('1'))).toEqual(['1 done']);
    }
  });

  it('stop nothing when they cannot come', async () => {
    const { events, result } = await recovery([{ after: 'restore', fault: { uses: 'break' } }], {
      refuses: true,
    });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(came(events)).toEqual(['1 begun at 5m: break', '1 failed at 5m: no such part']);
  });

  const bySteps: Injects = [
    {
      at: '7m',
      fault: { steps: [{ id: 'one', uses: 'spoil' }], always: [{ id: 'back', uses: 'mend' }] },
    },
    { after: 'restore', fault: { steps: [{ id: 'two', uses: 'spoil' }] } },
  ];

  it('break by steps of their own, which are put right at the end', async () => {
    const { events, broken, result } = await recovery(bySteps);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(came(events)).toEqual([
      '2 begun at 5m: fault',
      '2 done at 5m: fault',
      '1 begun at 7m: fault',
      '1 done at 7m: fault',
    ]);
    expect(broken).toEqual(['spoil', 'spoil', 'mend']);
    expect(ofType(events, 'step.started').map(({ key }) => key)).toEqual([
      'restore',
      '!fault!inject2/two',
      'switch',
      '!fault!inject1/one',
      '!fault!inject1/always/back',
    ]);
  });

  it('go on with their steps, and put right what they broke, whatever event the run was killed after', async () => {
    const whole = await recovery(bySteps);
    const keys = ['!fault!inject2/two', '!fault!inject1/one', '!fault!inject1/always/back'];
    for (let seq = 1; seq < whole.events.length; seq++) {
      const history = whole.events.slice(0, seq);
      const { events, broken, result } = await recovery(bySteps, { history });
      const ended = ofType(history, 'step.finished').filter(({ key }) => keys.includes(key));
      expect([seq, result, broken.length]).toEqual([seq, { outcome: 'succeeded' }, 3 - ended.length]);
      expect(
        ofType(events, 'step.finished')
          .map(({ key }) => key)
          .filter((key) => keys.includes(key))
          .toSorted(),
      ).toEqual(keys.toSorted());
      const last = new Map(ofType(events, 'inject.struck').map(({ number, state }) => [number, state]));
      expect(Object.fromEntries(last)).toEqual({ 1: 'done', 2: 'done' });
    }
  });

  it('are put right where the drill is aborted, and stop nothing where a step of theirs fails', async () => {
    const always = [{ id: 'back', uses: 'mend' }];
    const fails = [{ id: 'no', uses: 'refuse', onFailure: 'abort' as const }];
    const failed = await recovery([{ after: 'restore', fault: { steps: fails, always } }]);
    expect([failed.result, failed.broken]).toEqual([{ outcome: 'succeeded' }, ['mend']]);
    expect(came(failed.events)[1]).toMatch(/^1 failed at 5m: .*it does not break/);
    const aborted = await recovery(
      [{ after: 'restore', fault: { steps: [{ id: 'one', uses: 'spoil' }], always } }],
      {
        last: 'refuse',
      },
    );
    expect([aborted.result, aborted.broken]).toEqual([{ outcome: 'failed' }, ['spoil', 'mend']]);
  });
});
