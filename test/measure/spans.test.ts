import { describe, expect, it } from 'vitest';
import { spansOf } from '../../engine/measure/spans.ts';
import { timeClasses } from '../../engine/measure/time.ts';
import type { EventBody } from '../../engine/model/event.ts';
import fc from '../rig/fast-check.ts';
import { Story, anyEvents, finished, resumed, started, stepFinished, stepStarted } from './rig.ts';

const scope = (key: string, kind: 'phase' | 'lane' | 'call' | 'always', title = key): EventBody => ({
  type: 'scope.entered',
  key,
  kind,
  title,
});
const left = (key: string): EventBody => ({ type: 'scope.left', key, outcome: 'done' });
const asked = (key: string): EventBody => ({
  type: 'gate.opened',
  key,
  gate: `${key}#1`,
  question: { title: `May ${key}?` },
});
const answered = (key: string): EventBody => ({
  type: 'gate.answered',
  key,
  gate: `${key}#1`,
  answer: 'go',
  by: 'ada',
});

/** `lane key class from-to` in seconds. */
const lines = (story: Story): readonly string[] =>
  spansOf(story.events).spans.map(
    ({ lane, key, spentAs, from, to }) => `${lane} ${key} ${spentAs} ${from / 1e6}-${to / 1e6}`,
  );

describe('the spans of a run', () => {
  it('are what each step did, in its phase', () => {
    const story = new Story()
      .add(started(), scope('assess', 'phase'), asked('look'))
      .wait(3000)
      .add(answered('look'), stepStarted('look'))
      .wait(1000)
      .add({ type: 'step.activity', key: 'look', class: 'external' })
      .wait(2000)
      .add(stepFinished('look'), left('assess'), finished());
    expect(lines(story)).toEqual([
      'assess look human 0-3',
      'assess look machine 3-4',
      'assess look external 4-6',
    ]);
    expect(spansOf(story.events).points).toMatchObject([
      { what: 'gate', key: 'look', at: 3e6, text: 'May look?: go' },
    ]);
  });

  it('stand side by side, each branch in its own lane', () => {
    const story = new Story()
      .add(started(), scope('phase', 'phase'), scope('both/left', 'lane'), scope('both/right', 'lane'))
      .add(stepStarted('both/left/a'), stepStarted('both/right/b'))
      .wait(1000)
      .add(stepFinished('both/left/a'))
      .wait(1000)
      .add(stepFinished('both/right/b'), finished());
    expect(lines(story)).toEqual([
      'both/left both/left/a machine 0-1',
      'both/right both/right/b machine 0-2',
    ]);
  });

  it('know a phase of a called playbook from the one around it', () => {
    const story = new Story()
      .add(started(), scope('outer', 'phase'), scope('call', 'call'), scope('call/inner', 'phase'))
      .add(stepStarted('call/a'))
      .wait(1000)
      .add(stepFinished('call/a'), left('call/inner'), left('call'), stepStarted('b'))
      .wait(1000)
      .add(stepFinished('b'), finished());
    expect(lines(story)).toEqual(['call/inner call/a machine 0-1', 'outer b machine 1-2']);
  });

  it('end where nothing drives the run any more', () => {
    const story = new Story()
      .add(started(), stepStarted('a'))
      .wait(1000)
      .add({ type: 'run.paused', by: 'ada', reason: 'lunch' })
      .die(5000)
      .add(resumed, stepStarted('a'))
      .wait(1000)
      .add(stepFinished('a'), finished());
    expect(lines(story).map((line) => line.replace('(set-up) ', ''))).toEqual([
      'a machine 0-1',
      'a machine 6-7',
    ]);
    expect(spansOf(story.events).down).toEqual([{ from: 1e6, to: 6e6 }]);
  });

  it('never lie outside of the run, and begin before they end, whatever the journal holds', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const { spans, lanes, total } = spansOf(events);
        const known = new Set(lanes.map(({ key }) => key));
        for (const { from, to, lane } of spans) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(total);
          expect(known.has(lane)).toBe(true);
        }
      }),
    );
  });

  it('are as long as the time that the breakdown gives their step, where one follows the other', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (lengths) => {
        const story = new Story().add(started());
        lengths.forEach((length, index) => {
          const key = `step${String(index)}`;
          story.add(asked(key)).wait(length * 100);
          story.add(answered(key), stepStarted(key)).wait(length * 1000);
          story.add({ type: 'step.activity', key, class: 'retry' }).wait(length * 10);
          story.add(stepFinished(key));
        });
        story.add(finished());
        const sums = new Map<string, number>();
        for (const { key, from, to } of spansOf(story.events).spans)
          sums.set(key, (sums.get(key) ?? 0) + to - from);
        expect(sums).toEqual(
          new Map(timeClasses(story.events).steps.map(({ key, micros }) => [key, micros])),
        );
      }),
    );
  });
});
