import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { EventBody } from '../../engine/model/event.ts';
import type { TimeBreakdown } from '../../engine/measure/time.ts';
import { timeClasses } from '../../engine/measure/time.ts';
import { TIME_CLASSES } from '../../engine/model/time-class.ts';
import fc from '../rig/fast-check.ts';
import {
  START,
  Story,
  anyBodies,
  anyEvents,
  finished,
  resumed,
  started,
  stepFinished,
  stepStarted,
} from './rig.ts';

/** The classes that got time, in milliseconds. */
const millis = ({ classes }: TimeBreakdown): Record<string, number> =>
  Object.fromEntries(
    Object.entries(classes)
      .filter(([, micros]) => micros !== 0)
      .map(([name, micros]) => [name, micros / 1000]),
  );

const activity = (key: string, as: 'machine' | 'external' | 'retry', modelledMs?: number): EventBody => ({
  type: 'step.activity',
  key,
  class: as,
  reason: 'Render',
  ...(modelledMs !== undefined && { modelledMs }),
});

const gateOpened = (key: string): EventBody => ({ type: 'gate.opened', key, gate: `${key}#1`, question: {} });
const gateAnswered = (key: string): EventBody => ({
  type: 'gate.answered',
  key,
  gate: `${key}#1`,
  answer: 'go',
  by: 'ada',
});
const paused: EventBody = { type: 'run.paused', by: 'ada', reason: 'lunch' };

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

describe('every moment of a run', () => {
  it('belongs to exactly one class, in any stream of events, nonsense included', () => {
    fc.assert(
      fc.property(
        anyEvents,
        fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }),
        (events, later) => {
          const time = timeClasses(events, later === undefined ? undefined : new Instant(START + later));
          const all = Object.values(time.classes);
          expect(all.every((micros) => Number.isSafeInteger(micros) && micros >= 0)).toBe(true);
          expect(sum(all)).toBe(time.totalMicros);
          for (const share of [...time.steps, ...time.phases]) {
            expect(sum(Object.values(share.classes))).toBe(share.micros);
          }
          expect(sum(time.steps.map(({ micros }) => micros))).toBeLessThanOrEqual(time.totalMicros);
          expect(sum(time.phases.map(({ micros }) => micros))).toBe(time.totalMicros);
          for (const name of TIME_CLASSES) {
            expect(sum(time.phases.map((phase) => phase.classes[name]))).toBe(time.classes[name]);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('adds up to the wall clock between the first event and the last, deaths included', () => {
    fc.assert(
      fc.property(
        anyBodies,
        fc.array(fc.nat(100_000), { minLength: 41, maxLength: 41 }),
        (bodies, pauses) => {
          const story = new Story().add(started());
          bodies.forEach((body, index) => {
            const pause = pauses[index] ?? 0;
            // Jumps are what the wall clock does apart from this; here both clocks agree.
            if (body.type === 'clock.jumped' || body.type === 'run.finished') return;
            if (body.type === 'run.resumed' || body.type === 'journal.repaired') story.die(pause).add(body);
            else story.wait(pause).add(body);
          });
          story.wait(pauses[40] ?? 0).add(finished());
          expect(timeClasses(story.events).totalMicros).toBe(story.now.epochMicros - START);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives the same when told event by event or with the rest still to come', () => {
    const story = new Story().add(started()).wait(1000).add(stepStarted('a')).wait(2000);
    const soFar = timeClasses(story.events, story.now);
    story.add(stepFinished('a'));
    expect(timeClasses(story.events)).toMatchObject({
      totalMicros: soFar.totalMicros,
      classes: soFar.classes,
    });
  });
});

describe('the classes', () => {
  it('count a step that works, and the engine between steps, as machine', () => {
    const { events } = new Story()
      .add(started())
      .wait(10)
      .add(stepStarted('a'))
      .wait(500)
      .add(stepFinished('a'))
      .wait(5)
      .add(finished());
    const time = timeClasses(events);
    expect(millis(time)).toEqual({ machine: 515 });
    expect(time.steps).toMatchObject([{ key: 'a', title: 'Step a', micros: 500_000 }]);
  });

  it('count an open question as human, whatever the step does meanwhile', () => {
    const { events } = new Story()
      .add(started(), gateOpened('a'))
      .wait(60_000)
      .add(gateAnswered('a'), stepStarted('a'))
      .wait(1000)
      .add(gateOpened('a'), activity('a', 'external'))
      .wait(2000)
      .add(gateAnswered('a'))
      .wait(300)
      .add(stepFinished('a'), finished());
    const time = timeClasses(events);
    expect(millis(time)).toEqual({ human: 62_000, machine: 1000, external: 300 });
    expect(time.steps).toMatchObject([{ key: 'a', micros: 63_300_000 }]);
  });

  it('count what a step says of itself: polling as external, pauses between attempts as retry', () => {
    const { events } = new Story()
      .add(started(), stepStarted('a'))
      .wait(100)
      .add(activity('a', 'external'))
      .wait(7000)
      .add(activity('a', 'retry'))
      .wait(2000)
      .add(activity('a', 'machine'))
      .wait(50)
      .add(stepFinished('a'))
      .wait(1)
      .add(finished());
    expect(millis(timeClasses(events))).toEqual({ machine: 151, external: 7000, retry: 2000 });
  });

  it('count a pause as down, until the run is resumed', () => {
    const { events } = new Story()
      .add(started(), stepStarted('a'))
      .wait(100)
      .add(paused)
      .die(3_600_000)
      .add(resumed)
      .wait(20)
      .add(stepStarted('a'), stepFinished('a'), finished());
    const time = timeClasses(events);
    expect(millis(time)).toEqual({ machine: 120, down: 3_600_000 });
    expect(time.steps).toMatchObject([{ key: 'a', micros: 100_000 }]);
  });

  it('call what a person was asked by its title, though no step of that name begins', () => {
    const question = { type: 'gate', title: 'Stop all that writes' };
    const { events } = new Story()
      .add(started(), { type: 'gate.opened', key: 'halt', gate: 'halt#1', question })
      .wait(40)
      .add(gateAnswered('halt'), finished());
    expect(timeClasses(events).steps).toMatchObject([
      { key: 'halt', title: 'Stop all that writes', micros: 40_000 },
    ]);
  });

  it('count a death as down, from the last event on, and forget the question that was open', () => {
    const { events } = new Story()
      .add(started(), gateOpened('a'))
      .wait(100)
      .add({ type: 'note.added', text: 'x', by: 'ada' })
      .die(5000)
      .add({ type: 'journal.repaired', bytes: 7 })
      .wait(10)
      .add(resumed)
      .wait(30)
      .add(finished());
    expect(millis(timeClasses(events))).toEqual({ human: 100, down: 5010, machine: 30 });
  });

  it('count a sleep of the machine as down, and a clock that is set as nothing, ahead or back', () => {
    const { events } = new Story()
      .add(started())
      .wait(1000)
      .sleep(600_000)
      .wait(1000)
      .setClock(30 * 86_400_000)
      .wait(1000)
      .setClock(-30 * 86_400_000)
      .wait(1000)
      .add(finished());
    expect(millis(timeClasses(events))).toEqual({ machine: 4000, down: 600_000 });
  });

  it('count a jump ahead as down where the journal does not say what it was', () => {
    const { events } = new Story().add(started()).jump(600_000).wait(1000).jump(-3_600_000).add(finished());
    expect(millis(timeClasses(events))).toEqual({ machine: 1000, down: 600_000 });
  });

  it('end with the run: what is noted later is no time of it', () => {
    const { events } = new Story()
      .add(started())
      .wait(1000)
      .add(finished())
      .wait(9000)
      .add({ type: 'mark.set', mark: 'occurred', time: START, source: 'correction' });
    expect(timeClasses(events).totalMicros).toBe(1_000_000);
  });

  it('go on to now while the run is under way or paused', () => {
    const story = new Story().add(started()).wait(1000).add(stepStarted('a')).wait(4000);
    expect(millis(timeClasses(story.events, story.now))).toEqual({ machine: 5000 });
    story.add(paused).wait(100);
    expect(millis(timeClasses(story.events, story.now))).toEqual({ machine: 5000, down: 100 });
  });

  it('are all nothing before the run began', () => {
    expect(timeClasses([]).totalMicros).toBe(0);
    expect(
      timeClasses(new Story().add(stepStarted('a')).wait(50).add(stepFinished('a')).events).totalMicros,
    ).toBe(0);
  });
});

describe('where the time went', () => {
  it('is told by outermost phase, and by what lies outside of them', () => {
    const phase = (key: string, title: string): EventBody => ({
      type: 'scope.entered',
      key,
      kind: 'phase',
      title,
    });
    const left = (key: string): EventBody => ({ type: 'scope.left', key, outcome: 'done' });
    const { events } = new Story()
      .add(started())
      .wait(5)
      .add(phase('contain', 'Contain'))
      .wait(10)
      .add(phase('contain/inner', 'Inner'))
      .wait(20)
      .add(left('contain/inner'), left('contain'), phase('recover', 'Recover'))
      .wait(40)
      .add(left('recover'))
      .wait(80)
      .add({ type: 'abort.begun', by: 'ada', reason: 'enough', undo: true })
      .wait(160)
      .add(finished('aborted'));
    expect(timeClasses(events).phases).toMatchObject([
      { key: '(set-up)', micros: 5000 },
      { title: 'Contain', micros: 30_000 },
      { title: 'Recover', micros: 40_000 },
      { key: '(between)', micros: 80_000 },
      { key: '(end)', micros: 160_000 },
    ]);
  });

  it('sets apart a wait that the sandbox shortened, said once or again after a crash', () => {
    const { events } = new Story()
      .add(started(), stepStarted('a'), activity('a', 'external', 600_000))
      .wait(3000)
      .add({ type: 'step.checkpoint', key: 'a', data: 1 })
      .die(1000)
      .add(resumed, activity('a', 'external', 600_000))
      .wait(2000)
      .add(activity('a', 'machine'))
      .wait(70)
      .add(stepFinished('a'), finished());
    expect(timeClasses(events).modelled).toMatchObject([
      {
        key: 'a',
        reason: 'Render',
        modelledMicros: 600_000_000,
        actualMicros: 5_000_000,
        from: 0,
        to: 6_000_000,
      },
    ]);
  });
});

describe('branches side by side', () => {
  const lane = (key: string): EventBody => ({ type: 'scope.entered', key, kind: 'lane', title: key });
  const left = (key: string): EventBody => ({ type: 'scope.left', key, outcome: 'done' });

  it('count as what the last to finish did, from the beginning on', () => {
    const { events } = new Story()
      .add(started(), lane('p/a'), lane('p/b'), stepStarted('p/a/copy'), stepStarted('p/b/wait'))
      .add(activity('p/b/wait', 'external'))
      .wait(1000)
      .add(stepFinished('p/a/copy'), left('p/a'))
      .wait(4000)
      .add(stepFinished('p/b/wait'), left('p/b'))
      .wait(10)
      .add(finished());
    const time = timeClasses(events);
    expect(millis(time)).toEqual({ external: 5000, machine: 10 });
    expect(time.steps.filter(({ micros }) => micros > 0)).toMatchObject([
      { key: 'p/b/wait', micros: 5_000_000 },
    ]);
  });

  it('follow the last to finish through its steps and questions', () => {
    const { events } = new Story()
      .add(started(), lane('p/a'), lane('p/b'), stepStarted('p/a/one'), stepStarted('p/b/long'))
      .wait(1000)
      .add(stepFinished('p/a/one'), gateOpened('p/a/two'))
      .wait(2000)
      .add(gateAnswered('p/a/two'), stepFinished('p/b/long'), left('p/b'), stepStarted('p/a/two'))
      .wait(3000)
      .add(stepFinished('p/a/two'), left('p/a'), finished());
    expect(millis(timeClasses(events))).toEqual({ machine: 4000, human: 2000 });
  });

  it('decide inside of each other: the last of the last', () => {
    const { events } = new Story()
      .add(started(), lane('p/a'), lane('p/b'), lane('p/a/q/x'), lane('p/a/q/y'))
      .add(stepStarted('p/a/q/x/s'), stepStarted('p/a/q/y/s'), stepStarted('p/b/s'))
      .add(activity('p/a/q/x/s', 'external'), activity('p/a/q/y/s', 'retry'))
      .wait(1000)
      .add(stepFinished('p/a/q/x/s'), left('p/a/q/x'))
      .wait(1000)
      .add(stepFinished('p/a/q/y/s'), left('p/a/q/y'), stepStarted('p/a/t'))
      .wait(1000)
      .add(stepFinished('p/b/s'), left('p/b'))
      .wait(1000)
      .add(stepFinished('p/a/t'), left('p/a'), finished());
    expect(millis(timeClasses(events))).toEqual({ retry: 2000, machine: 2000 });
  });

  it('count a branch as waiting for the operator while it waits for its turn to ask', () => {
    const { events } = new Story()
      .add(started(), lane('p/a'), lane('p/b'), gateOpened('p/a/one'))
      .wait(5000)
      .add(gateAnswered('p/a/one'), left('p/a'), gateOpened('p/b/one'))
      .wait(1000)
      .add(gateAnswered('p/b/one'), left('p/b'), finished());
    expect(millis(timeClasses(events))).toEqual({ human: 6000 });
  });

  it('are decided in another life of the run too', () => {
    const { events } = new Story()
      .add(started(), lane('l[1]'), lane('l[2]'), stepStarted('l[1]/s'), stepStarted('l[2]/s'))
      .add(activity('l[2]/s', 'external'))
      .wait(1000)
      .add({ type: 'note.added', text: 'x', by: 'ada' })
      .die(500)
      .add(resumed, activity('l[1]/s', 'machine'))
      .wait(1000)
      .add(stepFinished('l[1]/s'), left('l[1]'), activity('l[2]/s', 'external'))
      .wait(1000)
      .add(stepFinished('l[2]/s'), left('l[2]'), finished());
    const time = timeClasses(events);
    expect(time.classes.down).toBe(500_000);
    expect(time.classes.external + time.classes.machine).toBe(3_000_000);
    expect(time.classes.external).toBeGreaterThanOrEqual(2_000_000);
  });
});
