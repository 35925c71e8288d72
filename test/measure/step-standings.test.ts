import { describe, expect, it } from 'vitest';
import { isFlaky, stepStandings } from '../../engine/measure/step-standings.ts';
import { Story, finished, started, stepFinished, stepStarted } from './rig.ts';
import { drilled } from '../report/history-rig.ts';

describe('how a step goes from run to run', () => {
  it('is how long it usually takes, how long at most, and whose time that is', () => {
    expect(stepStandings([drilled(0, 10), drilled(1, 30), drilled(2, 20)])).toMatchObject([
      {
        ...{ key: 'restore', title: 'Restore', runs: 3, retried: 0, failed: 0 },
        ...{ typicalMs: 20 * 60_000, longestMs: 30 * 60_000 },
        classes: { machine: 3_600_000_000, human: 0 },
      },
    ]);
  });

  it('is flaky when it needed another try, or failed in some runs only', () => {
    const [once] = stepStandings([drilled(0, 10), drilled(1, 10, { retried: true })]);
    expect(once).toMatchObject({ runs: 2, retried: 1, failed: 0 });
    expect(once && isFlaky(once)).toBe(true);
    const run = (outcome: string) =>
      new Story().add(started(), stepStarted('a')).wait(10).add(stepFinished('a', outcome), finished())
        .events;
    expect(stepStandings([run('failed'), run('succeeded')]).map(isFlaky)).toEqual([true]);
    // What never works is broken, not flaky.
    expect(stepStandings([run('failed'), run('failed')]).map(isFlaky)).toEqual([false]);
  });

  it('takes the items of a loop together', () => {
    const events = new Story()
      .add(started(), stepStarted('each[1]/copy'))
      .wait(1000)
      .add(stepFinished('each[1]/copy'), stepStarted('each[2]/copy'))
      .wait(2000)
      .add(stepFinished('each[2]/copy'), finished()).events;
    expect(stepStandings([events])).toMatchObject([{ key: 'each[]/copy', runs: 1, typicalMs: 3000 }]);
  });
});
