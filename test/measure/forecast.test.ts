import { describe, expect, it } from 'vitest';
import type { Event, EventBody } from '../../engine/model/event.ts';
import { forecast, percentile } from '../../engine/measure/forecast.ts';
import { stepDurations } from '../../engine/measure/history.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, finished, resumed, started, stepFinished, stepStarted } from './rig.ts';

const NO_HISTORY = stepDurations([]);

const PLAN = [
  { key: 'stop', title: 'Stop', expectMs: 1000 },
  { key: 'restore', title: 'Restore', expectMs: 60_000 },
  { key: 'check', title: 'Check' },
];

/** A finished run in which `restore` took so long. */
function earlier(millis: number, change: Parameters<typeof started>[0] = {}): readonly Event[] {
  return new Story()
    .add(started(change), stepStarted('restore'))
    .wait(millis)
    .add(stepFinished('restore'), finished()).events;
}

const RTO = { rto: { targetMs: 120_000, from: 'detected', to: 'verified' } };
const mark = (name: string, time: number): EventBody => ({
  type: 'mark.set',
  mark: name,
  time,
  source: 'step',
});

describe('the forecast', () => {
  it('goes by what the steps expect when there is no earlier run, and counts what it does not know', () => {
    const story = new Story().add(started());
    const found = forecast({ events: story.events, plan: PLAN, history: NO_HISTORY, now: story.now });
    expect(found.remainingMs).toEqual({ p50: 61_000, p90: 61_000 });
    expect(found.basis).toEqual({ history: 0, expect: 2, unknown: 1 });
    expect(found.budget).toBeUndefined();
  });

  it('goes by earlier runs first, and spreads as they spread', () => {
    const history = stepDurations([10, 20, 30, 40, 100].map((seconds) => earlier(seconds * 1000)));
    const story = new Story().add(started());
    const { remainingMs, basis } = forecast({ events: story.events, plan: PLAN, history, now: story.now });
    expect(remainingMs).toEqual({ p50: 31_000, p90: 101_000 });
    expect(basis).toEqual({ history: 1, expect: 1, unknown: 1 });
  });

  it('forgets what a later step has passed by: a phase that was not taken', () => {
    const story = new Story().add(started(), stepStarted('check'));
    const plan = PLAN.map((step) => ({ ...step, inSequence: true }));
    const about = { events: story.events, history: NO_HISTORY, now: story.now };
    expect(forecast({ ...about, plan }).remainingMs.p50).toBe(0);
    // Beside others, a step may still come when a later one has begun.
    expect(forecast({ ...about, plan: PLAN }).remainingMs.p50).toBe(61_000);
  });

  it('counts on the longest branch until one is chosen, then on that one', () => {
    const branch = (key: string, name: string, seconds: number) => ({
      key,
      title: key,
      expectMs: seconds * 1000,
      choices: [{ key: 'way', branch: name }],
    });
    const plan = [
      { key: 'look', title: 'Look', expectMs: 1000 },
      branch('ask', 'wait', 5),
      branch('waiting', 'wait', 10),
      branch('move', 'move', 60),
      {
        ...branch('far', 'move', 7),
        choices: [
          { key: 'way', branch: 'move' },
          { key: 'where', branch: 'far' },
        ],
      },
      {
        ...branch('near', 'move', 3),
        choices: [
          { key: 'way', branch: 'move' },
          { key: 'where', branch: 'near' },
        ],
      },
    ];
    const story = new Story().add(started());
    const remaining = (): number =>
      forecast({ events: story.events, plan, history: NO_HISTORY, now: story.now }).remainingMs.p50;
    expect(remaining()).toBe(68_000);
    story.add({ type: 'branch.chosen', key: 'way', branch: 'wait', by: 'ada' });
    expect(remaining()).toBe(16_000);
  });

  it('adds the spreads of several steps as of independent lengths', () => {
    const both = (millis: number): readonly Event[] =>
      new Story()
        .add(started(), stepStarted('stop'))
        .wait(millis)
        .add(stepFinished('stop'), stepStarted('restore'))
        .wait(millis)
        .add(stepFinished('restore'), finished()).events;
    const history = stepDurations([both(1000), both(2000), both(5000)]);
    const story = new Story().add(started());
    const { remainingMs } = forecast({
      events: story.events,
      plan: PLAN.slice(0, 2),
      history,
      now: story.now,
    });
    expect(remainingMs.p50).toBe(4000);
    expect(remainingMs.p90).toBeCloseTo(4000 + Math.hypot(3000, 3000), 6);
  });

  it('takes nothing from another environment, kind, world or playbook, nor from a run without people', () => {
    const others = [
      earlier(1, { environment: { name: 'staging', kind: 'sandbox' } }),
      earlier(1, { environment: { name: 'sandbox', kind: 'production' } }),
      earlier(1, { playbook: 'another' }),
      earlier(1, { world: 'plain' }),
      earlier(1, { unattended: true }),
    ];
    const story = new Story().add(started());
    const { basis } = forecast({
      events: story.events,
      plan: PLAN,
      history: stepDurations(others),
      now: story.now,
    });
    expect(basis.history).toBe(0);
  });

  it('leaves out what is done, and what a running step has spent already', () => {
    const story = new Story()
      .add(started(), stepStarted('stop'), stepFinished('stop'), stepStarted('restore'))
      .wait(20_000);
    const options = { plan: PLAN, history: NO_HISTORY };
    expect(forecast({ ...options, events: story.events, now: story.now }).remainingMs.p50).toBe(40_000);
    story.wait(50_000);
    expect(forecast({ ...options, events: story.events, now: story.now }).remainingMs.p50).toBe(0);
    story.add(finished());
    expect(forecast({ ...options, events: story.events, now: story.now }).basis.unknown).toBe(0);
  });

  it('says early that the RTO will be missed', () => {
    const at = (expectMs: number, waited: number) => {
      const story = new Story().add(started({ objectives: RTO }), mark('detected', START)).wait(waited);
      const plan = [{ key: 'restore', title: 'Restore', expectMs }];
      return forecast({ events: story.events, plan, history: NO_HISTORY, now: story.now }).budget;
    };
    expect(at(60_000, 10_000)).toEqual({ targetMs: 120_000, leftMs: 110_000, outlook: 'likely' });
    expect(at(115_000, 10_000)?.outlook).toBe('unlikely');
    expect(at(1, 130_000)).toEqual({ targetMs: 120_000, leftMs: -10_000, outlook: 'missed' });
  });

  it('says at risk when only a bad run would miss the RTO', () => {
    const history = stepDurations([10, 20, 200].map((seconds) => earlier(seconds * 1000)));
    const story = new Story().add(started({ objectives: RTO }), mark('detected', START));
    const found = forecast({ events: story.events, plan: PLAN, history, now: story.now });
    expect(found.budget?.outlook).toBe('atRisk');
    expect(found.totalMs).toEqual({ p50: 21_000, p90: 201_000 });
  });

  it('stands still once the objective is reached', () => {
    const story = new Story()
      .add(started({ objectives: RTO }), mark('detected', START), mark('verified', START + 70_000_000))
      .wait(300_000);
    expect(forecast({ events: story.events, plan: PLAN, history: NO_HISTORY, now: story.now })).toMatchObject(
      {
        elapsedMs: 70_000,
        totalMs: { p50: 70_000, p90: 70_000 },
        budget: { outlook: 'met' },
      },
    );
  });

  it('exists for any events', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { now } = new Story();
        const { remainingMs } = forecast({ events, plan: PLAN, history: stepDurations([events]), now });
        expect(remainingMs.p90).toBeGreaterThanOrEqual(remainingMs.p50);
      }),
      { numRuns: 200 },
    );
  });
});

describe('what earlier runs teach', () => {
  const durations = (events: readonly Event[]): readonly number[] =>
    [...stepDurations([events]).values()].flat();

  it('leaves out time in which the run was dead', () => {
    const { events } = new Story()
      .add(started(), stepStarted('a'))
      .wait(1000)
      .add({ type: 'step.checkpoint', key: 'a', data: 1 })
      .die(90_000)
      .add(resumed)
      .add(stepStarted('a'))
      .wait(500)
      .add(stepFinished('a'), finished());
    expect(durations(events)).toEqual([1500]);
  });

  it('leaves out steps that did not do their work', () => {
    for (const outcome of ['skipped', 'alreadyDone', 'byHand', 'failed']) {
      const { events } = new Story().add(started(), stepStarted('a')).wait(9).add(stepFinished('a', outcome));
      expect(durations(events)).toEqual([]);
    }
  });
});

describe('a percentile', () => {
  it('is a value that was measured', () => {
    expect(percentile([5], 0.9)).toBe(5);
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9)).toBe(9);
  });
});
