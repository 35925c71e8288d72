import { describe, expect, it } from 'vitest';
import type { Lease } from '../../engine/model/ports.ts';
import { timeClasses } from '../../engine/measure/time.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import type { FakeKind } from '../rig/fake-steps.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const HOUR = 3_600_000;

/** A lock that another run may take meanwhile. */
class FakeLease implements Lease {
  readonly story: string[] = [];
  other: string | undefined;

  giveBack(): Promise<void> {
    this.story.push('given back');
    return Promise.resolve();
  }

  takeBack(): Promise<string | undefined> {
    this.story.push(this.other === undefined ? 'taken' : 'refused');
    return Promise.resolve(this.other);
  }
}

const kindsFor = (lease: FakeLease): Record<string, FakeKind> => ({
  manual: { effect: 'none', people: 'manual' },
  read: {
    run: () => {
      lease.story.push('read');
      return Promise.resolve({});
    },
  },
  write: {
    effect: 'write',
    run: () => {
      lease.story.push('write');
      return Promise.resolve({});
    },
  },
  archive: { run: () => Promise.resolve({ back: false }) },
});

const parked: NodeForm[] = [
  { id: 'answer', uses: 'manual', park: true },
  { id: 'then', uses: 'write' },
];

describe('a parked step', () => {
  it('leaves the environment to other runs while it waits, and takes it again before the next step', async () => {
    const lease = new FakeLease();
    const answers = { answer: ['done'] as const };
    await life(parked, { kinds: kindsFor(lease), answers, options: { lease } });
    expect(lease.story).toEqual(['given back', 'taken', 'write']);
  });

  it('pauses the run where another one has taken over, and goes on later without asking again', async () => {
    const lease = new FakeLease();
    lease.other = 'run other is writing to the environment staging';
    const kinds = kindsFor(lease);
    const first = await life(parked, { kinds, answers: { answer: ['done'] }, options: { lease } });
    expect(first.result).toEqual({
      paused: true,
      reason: '"answer" is over, and run other is writing to the environment staging',
    });
    expect(lease.story).toEqual(['given back', 'refused']);
    lease.other = undefined;
    const second = await life(parked, { kinds, history: first.events, options: { lease } });
    expect(second.result).toEqual({ outcome: 'succeeded' });
    expect(second.operator.questions).toEqual([]);
  });

  it('waits for others, not for the operator: all of its time is external, also without a process', async () => {
    const clock = new FakeClock();
    const lease = new FakeLease();
    const pause = new AbortController();
    const first = life(parked, {
      kinds: kindsFor(lease),
      clock,
      answers: { answer: [() => new Promise(() => undefined)] },
      options: { pause: pause.signal },
    });
    await clock.sleep(HOUR);
    pause.abort();
    const { events } = await first;
    await clock.sleep(10 * HOUR);
    const second = await life(parked, {
      kinds: kindsFor(lease),
      clock,
      history: events,
      answers: { answer: ['done'] },
    });
    expect(timeClasses(second.events).classes).toMatchObject({
      external: 11 * HOUR * 1000,
      human: 0,
      down: 0,
    });
  });

  it('has its timeouts by the wall clock, across processes', async () => {
    const clock = new FakeClock();
    const pause = new AbortController();
    const steps: NodeForm[] = [
      {
        id: 'retrieval',
        uses: 'archive',
        park: true,
        until: { that: 'output.back', every: '10m', timeout: '5h' },
        onFailure: 'continue',
      },
    ];
    const kinds = kindsFor(new FakeLease());
    const first = life(steps, { kinds, clock, options: { pause: pause.signal } });
    await clock.sleep(HOUR);
    pause.abort();
    const { events } = await first;
    await clock.sleep(3 * HOUR);
    const second = await life(steps, { kinds, clock, history: events });
    expect(endings(second.events)).toEqual({ retrieval: 'timedOut/tolerated' });
    expect(clock.monotonic()).toBe(5 * HOUR);
    expect(ofType(second.events, 'step.started').at(-1)?.park).toBe(true);
  });
});
