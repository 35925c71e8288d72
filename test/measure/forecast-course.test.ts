import { describe, expect, it } from 'vitest';
import { forecastCourse } from '../../engine/measure/forecast-course.ts';
import { stepDurations } from '../../engine/measure/history.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, finished, started, stepFinished, stepStarted } from './rig.ts';

const PLAN = [
  { key: 'stop', title: 'Stop', expectMs: 10_000 },
  { key: 'restore', title: 'Restore', expectMs: 60_000 },
];
const NO_HISTORY = stepDurations([]);
const RTO = { rto: { targetMs: 120_000, from: 'detected', to: 'verified' } };

describe('what was expected while a run went on', () => {
  it('is told of each moment since the clock runs, with what was left then', () => {
    const { events } = new Story()
      .add(started({ objectives: RTO }))
      .wait(5000)
      .add({ type: 'mark.set', mark: 'detected', time: START + 5_000_000, source: 'detect' })
      .add(stepStarted('stop'))
      .wait(20_000)
      .add(stepFinished('stop'), stepStarted('restore'))
      .wait(30_000)
      .add(stepFinished('restore'))
      .add({ type: 'mark.set', mark: 'verified', time: START + 55_000_000, source: 'step' }, finished());
    expect(
      forecastCourse({ events, plan: PLAN, history: NO_HISTORY }).map(({ elapsedMs, totalMs }) => [
        elapsedMs,
        totalMs.p50,
      ]),
    ).toEqual([
      [0, 70_000],
      // Stopping took twice as long as expected.
      [20_000, 80_000],
      [20_000, 80_000],
    ]);
  });

  it('is never told of more moments than can be told apart', () => {
    const story = new Story().add(started());
    for (let each = 0; each < 500; each += 1) story.add(stepStarted(`s${String(each)}`)).wait(1000);
    const course = forecastCourse({ events: story.events, plan: PLAN, history: NO_HISTORY });
    expect(course.length).toBeLessThanOrEqual(41);
  });

  it('exists for any events', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        for (const { totalMs } of forecastCourse({ events, plan: PLAN, history: NO_HISTORY }))
          expect(totalMs.p90).toBeGreaterThanOrEqual(totalMs.p50);
      }),
    );
  });
});
