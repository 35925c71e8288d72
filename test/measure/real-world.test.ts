import { describe, expect, it } from 'vitest';
import { verdicts } from '../../engine/measure/verdicts.ts';
import { summarize } from '../../engine/measure/summary.ts';
import type { EventBody, StepStarted } from '../../engine/model/event.ts';
import { Story, finished, started, stepFinished, stepStarted } from './rig.ts';

const MINUTE = 60_000;
const RTO = { rto: { targetMs: 60 * MINUTE, from: 'detected', to: 'verified' } };

const waiting = (key: string, modelledMs: number): EventBody => ({
  type: 'step.activity',
  key,
  class: 'external',
  reason: 'a provider',
  modelledMs,
  modelledBy: 'the environment',
});
const lane = (key: string): EventBody => ({ type: 'scope.entered', key, kind: 'lane', title: key });
const left = (key: string): EventBody => ({ type: 'scope.left', key, outcome: 'done' });

class Drill extends Story {
  mark(name: string): this {
    const time = this.now.epochMicros;
    return this.add({ type: 'mark.set', mark: name, time, source: 'detect' });
  }

  /** A step that waits for so long here, and for so long at the provider. */
  waits(key: string, hereMs: number, reallyMs: number): this {
    return this.add(stepStarted(key), waiting(key, reallyMs)).wait(hereMs).add(stepFinished(key));
  }
}

const drill = (): Drill => new Drill().add(started({ objectives: RTO })).mark('detected');
const rtoOf = (story: Drill) => verdicts(story.mark('verified').add(finished()).events).rto;

describe('an objective with waits that the sandbox shortened', () => {
  it('is missed where their real length breaks it, and met here all the same', () => {
    const rto = rtoOf(
      drill()
        .waits('fetch', 3000, 300 * MINUTE)
        .wait(7000),
    );
    expect(rto).toMatchObject({
      verdict: 'missed',
      actualMs: 10_000,
      real: { here: 'met', actualMs: 300 * MINUTE + 7000 },
    });
  });

  it('is met where it would be met with them too', () => {
    const rto = rtoOf(drill().waits('fetch', 3000, 5 * MINUTE));
    expect(rto).toMatchObject({ verdict: 'met', actualMs: 3000, real: { here: 'met', actualMs: 300_000 } });
  });

  it('has no other figure where nothing was shortened', () => {
    expect(rtoOf(drill().waits('fetch', 3000, 2000))).not.toHaveProperty('real');
    expect(rtoOf(drill().wait(3000))).not.toHaveProperty('real');
  });

  it('counts no wait that ended before it begins or after its end', () => {
    const before = new Drill().add(started({ objectives: RTO })).waits('a', 1000, 90 * MINUTE);
    expect(rtoOf(before.mark('detected').wait(1000))).not.toHaveProperty('real');
    const after = drill()
      .mark('verified')
      .waits('b', 1000, 90 * MINUTE)
      .add(finished());
    expect(verdicts(after.events).rto).not.toHaveProperty('real');
  });

  it('counts waits one after the other together', () => {
    const rto = rtoOf(
      drill()
        .waits('a', 1000, 40 * MINUTE)
        .waits('b', 1000, 30 * MINUTE),
    );
    expect(rto).toMatchObject({ verdict: 'missed', real: { actualMs: 70 * MINUTE } });
  });

  it('counts of waits side by side the longest row of them', () => {
    const story = drill()
      .add(lane('p/a'), lane('p/b'), stepStarted('p/b/slow'), waiting('p/b/slow', 20 * MINUTE))
      .waits('p/a/one', 1000, 15 * MINUTE)
      .waits('p/a/two', 1000, 15 * MINUTE)
      .add(left('p/a'), stepFinished('p/b/slow'), left('p/b'))
      .waits('after', 1000, 10 * MINUTE);
    expect(rtoOf(story)).toMatchObject({ verdict: 'met', real: { actualMs: 40 * MINUTE } });
  });

  it('counts of items that began together one, however soon the others have it behind them here', () => {
    const items = ['l[a]', 'l[b]', 'l[c]'];
    const story = drill().add(
      ...items.map((key): EventBody => ({ type: 'scope.entered', key, kind: 'item', title: key })),
    );
    for (const item of items) story.waits(`${item}/fetch`, 1000, 30 * MINUTE).add(left(item));
    // The last of them began its wait two seconds late.
    expect(rtoOf(story)).toMatchObject({ verdict: 'met', real: { actualMs: 30 * MINUTE + 2000 } });
  });

  it('lets a pause pass for the provider too', () => {
    const story = drill()
      .add(stepStarted('a'), waiting('a', 30 * MINUTE))
      .wait(1000)
      .add({ type: 'run.paused', by: 'ada', reason: 'lunch' })
      .die(29 * MINUTE)
      .add({ type: 'run.resumed', operator: 'ada', host: 'h', pid: 1, engine: '0', unattended: false })
      .add(waiting('a', 30 * MINUTE))
      .wait(1000)
      .add(stepFinished('a'));
    expect(rtoOf(story)).toMatchObject({ verdict: 'met', real: { actualMs: 30 * MINUTE } });
  });

  it('stays unproven where it was, and missed where it was', () => {
    expect(
      verdicts(
        drill()
          .waits('a', 1000, 90 * MINUTE)
          .add(finished()).events,
      ).rto,
    ).toMatchObject({
      verdict: 'unproven',
    });
    expect(
      rtoOf(
        drill()
          .waits('a', 1000, 2 * MINUTE)
          .wait(61 * MINUTE),
      ),
    ).toMatchObject({
      verdict: 'missed',
      real: { here: 'missed' },
    });
  });

  it('ends the run with exit code 1 when only the sandbox met it', () => {
    const exit = (reallyMs: number) =>
      summarize(drill().waits('a', 1000, reallyMs).mark('verified').add(finished()).events).exitCode;
    expect([exit(10 * MINUTE), exit(90 * MINUTE)]).toEqual([0, 1]);
  });
});

describe('a loss window with a wait before the fence', () => {
  const rpo = { targetMs: 30 * MINUTE, evidence: 'heartbeat', to: 'fenced' } as const;
  const lossOf = (reallyMs: number, before: 'fence' | 'failure') => {
    const story = new Drill().add(started({ objectives: { rpo } })).mark('detected');
    if (before === 'failure') story.waits('a', 1000, reallyMs);
    const { now } = story;
    story.add(
      { type: 'mark.set', mark: 'occurred', time: now.epochMicros, source: 'fault' },
      { type: 'recorded', key: 'r', name: 'recoveryPoint', value: { $time: now.toString() } },
    );
    if (before === 'fence') story.waits('a', 1000, reallyMs);
    const time = story.wait(1000).now.epochMicros;
    story.add(stepStarted('fence'), { type: 'mark.set', mark: 'fenced', time, key: 'fence', source: 'step' });
    return verdicts(story.add(stepFinished('fence'), finished()).events).rpo;
  };

  it('is as long as it would really be: the writers go on meanwhile', () => {
    expect(lossOf(40 * MINUTE, 'fence')).toMatchObject({
      verdict: 'missed',
      actualMs: 2000,
      real: { here: 'met', actualMs: 40 * MINUTE + 1000 },
    });
  });

  it('has nothing to do with waits before the failure', () => {
    expect(lossOf(40 * MINUTE, 'failure')).toMatchObject({ verdict: 'met' });
    expect(lossOf(40 * MINUTE, 'failure')).not.toHaveProperty('real');
  });
});

describe('a step that waits for others in a sandbox, where nobody else says how long that really is', () => {
  const expecting = (minutes: number): EventBody => ({
    ...(stepStarted('deploy') as StepStarted),
    expectMs: minutes * MINUTE,
  });
  const asked: EventBody = {
    type: 'step.activity',
    key: 'deploy',
    class: 'external',
    reason: 'Render deploys',
  };

  it('takes as long as its playbook expects', () => {
    const story = drill().add(expecting(20), asked).wait(2000).add(stepFinished('deploy'));
    expect(rtoOf(story)).toMatchObject({
      verdict: 'met',
      actualMs: 2000,
      real: { here: 'met', actualMs: 20 * MINUTE },
    });
  });

  it('is judged so', () => {
    const story = drill().add(expecting(90), asked).wait(2000).add(stepFinished('deploy'));
    expect(rtoOf(story)).toMatchObject({ verdict: 'missed', real: { here: 'met' } });
  });

  it('is as measured where the machine works, where it took longer, and where nothing is a sandbox', () => {
    const working = drill().add(expecting(20)).wait(2000).add(stepFinished('deploy'));
    expect(rtoOf(working)).not.toHaveProperty('real');
    const late = drill()
      .add(expecting(20), asked)
      .wait(21 * MINUTE)
      .add(stepFinished('deploy'));
    expect(rtoOf(late)).not.toHaveProperty('real');
    const environment = { name: 'staging', kind: 'staging' } as const;
    const staging = new Drill().add(started({ objectives: RTO, environment })).mark('detected');
    expect(
      rtoOf(staging.add(expecting(20), asked).wait(2000).add(stepFinished('deploy'))),
    ).not.toHaveProperty('real');
  });

  it('counts once, by what the kind says of its own wait', () => {
    const story = drill()
      .add(expecting(20), waiting('deploy', 10 * MINUTE))
      .wait(2000)
      .add(asked)
      .wait(1000);
    expect(rtoOf(story.add(stepFinished('deploy')))).toMatchObject({
      real: { actualMs: 10 * MINUTE + 1000 },
    });
  });

  it('counts once, however often it is begun again', () => {
    const story = drill().add(expecting(20), asked).wait(2000).add(expecting(20), asked).wait(2000);
    expect(rtoOf(story.add(stepFinished('deploy')))).toMatchObject({
      actualMs: 4000,
      real: { actualMs: 20 * MINUTE },
    });
  });
});
