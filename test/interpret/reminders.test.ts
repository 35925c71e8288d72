import { describe, expect, it } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import type { ValueMap } from '../../engine/base/value.ts';
import type { Event } from '../../engine/model/event.ts';
import { StepError } from '../../engine/model/kind.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { life, ofType } from '../rig/interpreter.ts';
import type { LifeOptions } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

/** Tells people, and keeps to whom it spoke as which step, when, and after how many events of the journal. */
class Mouth {
  readonly said: { readonly step: string; readonly text: unknown; readonly minute: number }[] = [];
  refuses = false;

  readonly kind: FakeKind = {
    effect: 'write',
    run: (args: ValueMap, { step, clock }) => {
      if (this.refuses) return Promise.reject(new StepError('no route', { code: 'unreachable' }));
      this.said.push({ step, text: args['text'], minute: clock.monotonic() / 60_000 });
      return Promise.resolve({});
    },
    failureIsNoted: true,
    reconcile: () => Promise.resolve({ verdict: 'reattach' }),
  };
}

const minutes = (count: number): FakeKind => ({
  run: async (_, { clock, signal }) => {
    await clock.sleep(count * 60_000, signal);
    signal.throwIfAborted();
    return {};
  },
});

const steps = (until?: string): readonly NodeForm[] => [
  {
    id: 'tell',
    uses: 'tell',
    with: { text: 'We are away.' },
    remind: {
      every: '30m',
      with: { text: 'Still away, for ${{ run.remaining }}.' },
      ...(until !== undefined && { until }),
    },
  },
  { id: 'restore', uses: 'long' },
  { id: 'check', uses: 'read', mark: ['verified'] },
  { id: 'tidy', uses: 'long' },
];

const lifeOf = (mouth: Mouth, nodes: readonly NodeForm[], more: Partial<LifeOptions> = {}) => {
  let left = 60;
  return life(nodes, {
    kinds: { tell: mouth.kind, long: minutes(70), read: {} },
    options: { expected: () => Duration.fromMillis((left -= 5) * 60_000) },
    ...more,
  });
};

const states = (events: readonly Event[]): readonly string[] =>
  ofType(events, 'reminded').map(({ number, state }) => `${String(number)} ${state}`);

describe('people who were told', () => {
  it('are told again while the run lasts, in other words, with what is known by then', async () => {
    const mouth = new Mouth();
    const { result, events } = await lifeOf(mouth, steps());
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(mouth.said).toEqual([
      { step: 'tell', text: 'We are away.', minute: 0 },
      { step: 'tell~1', text: 'Still away, for 55m.', minute: 30 },
      { step: 'tell~2', text: 'Still away, for 50m.', minute: 60 },
      { step: 'tell~3', text: 'Still away, for 45m.', minute: 90 },
      { step: 'tell~4', text: 'Still away, for 40m.', minute: 120 },
    ]);
    expect(states(events).slice(0, 2)).toEqual(['1 begun', '1 told']);
    expect(events.at(-1)?.type).toBe('run.finished');
  });

  it('are left alone from the mark on with which it ends', async () => {
    const mouth = new Mouth();
    await lifeOf(mouth, steps('verified'));
    expect(mouth.said.map(({ minute }) => minute)).toEqual([0, 30, 60]);
  });

  it('hear nothing more of what is over, even where the last reminder is slow to go out', async () => {
    const order: string[] = [];
    const slow: FakeKind = {
      effect: 'write',
      run: async (_, { step, clock }) => {
        if (step.includes('~')) await clock.sleep(15 * 60_000);
        order.push(step);
        return {};
      },
    };
    await lifeOf(
      new Mouth(),
      [
        ...steps('verified').slice(0, 1),
        { id: 'restore', uses: 'forty' },
        { id: 'check', uses: 'read', mark: ['verified'] },
        { id: 'clear', uses: 'tell' },
      ],
      { kinds: { tell: slow, forty: minutes(40), read: {} } },
    );
    expect(order).toEqual(['tell', 'tell~1', 'clear']);
  });

  it('are reminded although the first time nobody could be reached; what fails is journaled', async () => {
    const mouth = new Mouth();
    mouth.refuses = true;
    const { result, events } = await lifeOf(mouth, [
      { ...steps('verified')[0], onFailure: 'continue' } as NodeForm,
      ...steps('verified').slice(1),
    ]);
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(states(events)).toEqual(['1 begun', '1 failed', '2 begun', '2 failed']);
    expect(ofType(events, 'reminded')[1]?.reason).toBe('no route');
  });

  it('are not reminded where it was declined, or its condition did not hold', async () => {
    const mouth = new Mouth();
    const [tell, ...rest] = steps();
    await lifeOf(mouth, [{ ...tell, when: 'false' } as NodeForm, ...rest]);
    expect(mouth.said).toEqual([]);
  });
});

describe('a run that is killed at any event', () => {
  it('reminds nobody twice of the same, and goes on reminding', async () => {
    const first = new Mouth();
    const whole = await lifeOf(first, steps('verified'));
    const events = whole.events;
    for (let cut = 2; cut < events.length; cut += 1) {
      const history = events.slice(0, cut);
      const at = history.at(-1)?.at ?? 0;
      const clock = new FakeClock(new Date(at / 1000).toISOString());
      const second = new Mouth();
      const { events: all } = await lifeOf(second, steps('verified'), { history, clock });
      const before = ofType(history, 'reminded').filter(({ state }) => state === 'told').length;
      const again = second.said.map(({ step }) => step).filter((step) => step !== 'tell');
      const numbers = ofType(all, 'reminded').filter(({ state }) => state === 'begun');
      expect(numbers.map(({ number }) => number)).toEqual(numbers.map((_, index) => index + 1));
      expect(again, String(cut)).toEqual([...new Set(again)]);
      expect(again.every((step) => Number(step.split('~')[1]) > before)).toBe(true);
    }
  });

  it('and resumed an hour later tells once, at once, and then at its pace', async () => {
    const whole = await lifeOf(new Mouth(), steps('verified'));
    const history = whole.events.slice(
      0,
      whole.events.findIndex(({ type }) => type === 'reminded'),
    );
    const clock = new FakeClock('2026-01-05T11:35:00Z');
    const mouth = new Mouth();
    await lifeOf(mouth, steps('verified'), { history, clock });
    expect(mouth.said.map(({ step, minute }) => [step, minute])).toEqual([
      ['tell~1', 0],
      ['tell~2', 30],
      ['tell~3', 60],
    ]);
  });
});
