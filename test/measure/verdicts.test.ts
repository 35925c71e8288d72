import { describe, expect, it } from 'vitest';
import type { EventBody, MarkSet } from '../../engine/model/event.ts';
import { marks } from '../../engine/measure/marks.ts';
import { verdicts } from '../../engine/measure/verdicts.ts';
import type { RtoVerdict } from '../../engine/measure/verdicts.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, finished, resumed, started, stepFinished } from './rig.ts';

const MINUTE = 60_000_000;
const RTO = { targetMs: 30 * 60_000, from: 'detected', to: 'verified' };

const mark = (name: string, time: number | null, source: MarkSet['source'] = 'step'): EventBody => ({
  type: 'mark.set',
  mark: name,
  time,
  source,
});

const run = (...bodies: readonly EventBody[]): Story =>
  new Story().add(started({ objectives: { rto: RTO } }), ...bodies);

const rto = (...bodies: readonly EventBody[]) => verdicts(run(...bodies).events).rto;

describe('a mark', () => {
  it('is where its last event put it', () => {
    const all = marks(
      run(
        mark('occurred', START, 'operator'),
        mark('serving', START + MINUTE),
        mark('occurred', START - MINUTE, 'correction'),
        mark('serving', null, 'run'),
      ).events,
    );
    expect(all.get('occurred')).toEqual({
      mark: 'occurred',
      time: START - MINUTE,
      elapsed: { passed: -MINUTE, unexplained: 0, setBack: 0 },
      source: 'correction',
      changed: true,
    });
    expect(all.get('serving')).toEqual({ mark: 'serving', source: 'run', changed: true });
    expect(all.get('verified')).toBeUndefined();
  });

  it('named declared is the start of the run unless somebody says otherwise', () => {
    expect(marks(run().events).get('declared')).toMatchObject({ time: START, source: 'run', changed: false });
    const said = marks(run(mark('declared', START - 5, 'operator')).events).get('declared');
    expect(said).toMatchObject({ time: START - 5, source: 'operator' });
  });

  it('may have any name', () => {
    expect(marks(run(mark('__proto__', 5)).events).get('__proto__')).toMatchObject({ time: 5 });
  });
});

describe('the RTO', () => {
  it('is met up to its target, and missed beyond', () => {
    expect(rto(mark('detected', START), mark('verified', START + 30 * MINUTE))).toMatchObject({
      verdict: 'met',
      actualMs: 1_800_000,
    });
    expect(rto(mark('detected', START), mark('verified', START + 30 * MINUTE + 1000))).toMatchObject({
      verdict: 'missed',
      actualMs: 1_800_001,
    });
  });

  it('is unproven without its first mark', () => {
    expect(rto(mark('verified', START + MINUTE))).toMatchObject({
      verdict: 'unproven',
      reason: 'the mark detected was never set: there is nothing to measure from',
    });
  });

  it('is unproven while the second is not reached, and missed once that is too late', () => {
    const story = run(mark('detected', START)).wait(60_000).add(finished('failed'));
    expect(verdicts(story.events).rto).toMatchObject({
      verdict: 'unproven',
      reason: 'the mark verified was not reached',
    });
    story.wait(30 * 60_000);
    expect(verdicts(story.events, story.now).rto).toMatchObject({ verdict: 'missed' });
    expect(verdicts(story.events, story.now).rto).not.toHaveProperty('actualMs');
  });

  it('says when users were served again, though the end was not reached', () => {
    const served = [mark('detected', START), mark('serving', START + MINUTE)];
    expect(rto(...served)).toMatchObject({
      verdict: 'unproven',
      reason: 'the mark verified was not reached; the mark serving was, 1m 00s after detected',
    });
    expect(rto(...served, mark('serving', null))).toMatchObject({
      reason: 'the mark verified was not reached',
    });
  });

  it('is unproven when the second was taken back', () => {
    expect(
      rto(mark('detected', START), mark('verified', START + MINUTE), mark('verified', null)),
    ).toMatchObject({
      verdict: 'unproven',
      reason: 'the mark verified was taken back',
    });
  });

  describe('whose end mark a check set', () => {
    const setBy = (key: string): EventBody => ({
      type: 'mark.set',
      mark: 'verified',
      time: START + MINUTE,
      key,
      source: 'step',
    });
    const proof = (step: string, verdict: 'red' | 'green', ...alsoAt: readonly string[]): EventBody => ({
      type: 'check.proved',
      step,
      ...(alsoAt.length > 0 && { alsoAt }),
      title: step,
      verdict,
      reading: '',
    });
    const by = (key: string, outcome: string, ...before: readonly EventBody[]) =>
      rto(...before, mark('detected', START), setBy(key), stepFinished(key, outcome));

    it.each(['succeeded', 'alreadyDone'])('is met where the check %s', (outcome) => {
      expect(by('holds', outcome, proof('holds', 'red'))).toMatchObject({ verdict: 'met' });
    });

    it.each([
      ['accepted', 'was accepted as it was: nobody has seen that it holds'],
      ['byHand', 'was done by hand: nobody has seen that it holds'],
    ])('is unproven where it was %s by a person', (outcome, why) => {
      expect(by('holds', outcome)).toMatchObject({
        verdict: 'unproven',
        actualMs: 60_000,
        reason: `the step holds, which set the mark verified, ${why}`,
      });
    });

    it.each([
      'holds',
      'left/holds',
      'right/holds',
      'each[a%2Fb]/holds',
      'round#2/left/holds',
      'all/one/holds',
    ])(
      'is unproven where the check %s stayed green while the world was broken, wherever it is called',
      (key) => {
        const green = [
          proof('holds', 'green'),
          proof('left/holds', 'green', 'right/holds'),
          proof('all/one/holds', 'green'),
        ];
        expect(by(key, 'succeeded', ...green)).toMatchObject({
          verdict: 'unproven',
          reason: `the step ${key}, which set the mark verified, stayed green while the world was broken: it proves nothing`,
        });
        expect(by('other/holds', 'succeeded', ...green)).toMatchObject({ verdict: 'met' });
      },
    );

    describe('as the end of a loop', () => {
      const [one, two] = ['each[a]/holds', 'each[b]/in/keys'];
      const loop = (...before: readonly EventBody[]) =>
        rto(...before, stepFinished(one), stepFinished(two), mark('detected', START), setBy('each'));

      it('is met where one of the checks inside was red', () => {
        expect(loop(proof('holds', 'green'), proof('in/keys', 'red'))).toMatchObject({ verdict: 'met' });
        expect(loop()).toMatchObject({ verdict: 'met' });
      });

      it('is unproven where they all stayed green', () => {
        expect(loop(proof('holds', 'green'), proof('in/keys', 'green'))).toMatchObject({
          verdict: 'unproven',
          reason:
            'the checks in the loop each, which set the mark verified, stayed green while the world was broken: they prove nothing',
        });
        // What is checked elsewhere says nothing of it.
        expect(loop(proof('holds', 'green'), proof('other', 'red'))).toMatchObject({ verdict: 'unproven' });
      });

      it('is unproven where one was accepted', () => {
        const accepted = [
          proof('holds', 'red'),
          stepFinished(one),
          stepFinished('each[c]/holds', 'accepted'),
        ];
        expect(rto(...accepted, mark('detected', START), setBy('each'))).toMatchObject({
          verdict: 'unproven',
          reason:
            'the step each[c]/holds in the loop each, which set the mark verified, was accepted as it was: nobody has seen that it holds',
        });
      });
    });

    it('is met where another check that set the mark before it was red', () => {
      const both = [proof('keys', 'red'), proof('content', 'green')];
      const first = [setBy('keys'), stepFinished('keys')];
      expect(by('content', 'succeeded', ...both, ...first)).toMatchObject({ verdict: 'met' });
      expect(by('content', 'succeeded', ...both)).toMatchObject({ verdict: 'unproven' });
      const word = [setBy('keys'), stepFinished('keys', 'accepted')];
      expect(by('content', 'succeeded', ...both, ...word)).toMatchObject({ verdict: 'unproven' });
    });

    it('is missed all the same where it came too late', () => {
      const late = [
        mark('detected', START - 60 * MINUTE, 'operator'),
        setBy('holds'),
        stepFinished('holds', 'accepted'),
      ];
      expect(rto(...late)).toMatchObject({ verdict: 'missed' });
    });
  });

  it('is unproven when the marks stand the wrong way round', () => {
    expect(rto(mark('detected', START), mark('verified', START - 1))).toMatchObject({
      verdict: 'unproven',
      reason: 'the mark verified lies before the mark detected',
    });
  });

  /** The marks as a process sets them: by its wall clock at that moment. */
  const between = (happens: (story: Story) => Story): RtoVerdict | undefined => {
    const story = run();
    story.add(mark('detected', story.now.epochMicros));
    happens(story);
    return verdicts(story.add(mark('verified', story.now.epochMicros)).events).rto;
  };

  it('goes by the monotonic clock inside a process, whatever the wall clock is set to', () => {
    const late = { verdict: 'missed', actualMs: 31 * 60_000 };
    expect(
      between((story) =>
        story
          .wait(16 * 60_000)
          .setClock(-600_000)
          .wait(15 * 60_000),
      ),
    ).toEqual(expect.objectContaining(late));
    const inTime = { verdict: 'met', actualMs: 60_000 };
    expect(between((story) => story.setClock(86_400_000).wait(60_000).setClock(-86_400_000))).toEqual(
      expect.objectContaining(inTime),
    );
  });

  it('counts what the machine slept', () => {
    expect(between((story) => story.wait(1000).sleep(40 * 60_000))).toMatchObject({
      verdict: 'missed',
      actualMs: 2_401_000,
    });
  });

  it('is unproven where only a jump that may be a sleep or a set clock makes it too long', () => {
    expect(between((story) => story.wait(1000).jump(40 * 60_000))).toMatchObject({
      verdict: 'unproven',
      reason: 'the clock went ahead by 40m 00s: the machine slept, or its clock was set',
    });
    expect(between((story) => story.wait(1000).jump(60_000))).toMatchObject({ verdict: 'met' });
    expect(between((story) => story.wait(31 * 60_000).jump(60_000))).toMatchObject({ verdict: 'missed' });
  });

  it('is unproven when the clock was set back between two processes, and missed when it is too long without that', () => {
    const note: EventBody = { type: 'note.added', text: 'still here', by: 'ada' };
    const resume = (story: Story): Story => story.add(note).die(-600_000).add(resumed);
    expect(between((story) => resume(story.wait(60_000)).wait(60_000))).toMatchObject({
      verdict: 'unproven',
      reason: expect.stringContaining(
        'set back by at least 10m 00s while the run was paused or dead',
      ) as string,
    });
    expect(between((story) => resume(story.wait(31 * 60_000)))).toMatchObject({ verdict: 'missed' });
    expect(between((story) => story.die(40 * 60_000).add(resumed))).toMatchObject({ verdict: 'missed' });
  });

  it('times a reading that is older than a jump by the clock of its moment', () => {
    const story = run();
    story.add(mark('detected', story.now.epochMicros)).wait(10_000);
    const firstOfTheStable = story.now.epochMicros;
    story.wait(2000).setClock(-600_000).wait(2000).add(mark('verified', firstOfTheStable));
    expect(verdicts(story.events).rto).toMatchObject({ verdict: 'met', actualMs: 10_000 });
  });

  it('is absent when the playbook has none', () => {
    expect(verdicts(new Story().add(started()).events)).toEqual({});
  });
});

describe('whatever is in the journal', () => {
  it('there is a verdict, and it is met only with a figure', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { rto: time, rpo: point } = verdicts(events);
        for (const objective of [time, point]) {
          if (objective?.verdict === 'met') expect(objective.actualMs).toBeGreaterThanOrEqual(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
