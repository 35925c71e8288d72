import { describe, expect, it } from 'vitest';
import { coming } from '../../engine/measure/coming.ts';
import type { Coming, PlannedPlace } from '../../engine/measure/coming.ts';
import type { EventBody } from '../../engine/model/event.ts';
import { Story, finished, started, stepFinished, stepStarted } from './rig.ts';

const place = (key: string, change: Partial<PlannedPlace> = {}): PlannedPlace => ({
  key,
  title: `Do ${key}`,
  type: 'step',
  repeated: false,
  always: false,
  choices: [],
  lanes: [],
  ...change,
});

const at = (plan: readonly PlannedPlace[], ...bodies: readonly EventBody[]): Coming | undefined =>
  coming(new Story().add(started(), ...bodies).events, plan);

const inBranch = (key: string, branch: string): PlannedPlace =>
  place(key, { choices: [{ key: 'scope', branch }] });

const chosen = (branch: string): EventBody => ({ type: 'branch.chosen', key: 'scope', branch, by: 'ada' });

describe('what comes next', () => {
  const plan = ['stop', 'restore', 'check', 'start', 'tell'].map((key) => place(key));

  it('is the next three steps, and how far the whole is', () => {
    expect(at(plan)).toEqual({ at: 0, of: 5, atMost: false, next: ['Do stop', 'Do restore', 'Do check'] });
    expect(at(plan, stepStarted('stop'), stepFinished('stop'), stepStarted('restore'))).toEqual({
      at: 2,
      of: 5,
      atMost: false,
      next: ['Do check', 'Do start', 'Do tell'],
    });
  });

  it('has passed what a later step has passed by: a phase that was not taken', () => {
    expect(at(plan, stepStarted('start'))).toMatchObject({ at: 4, next: ['Do tell'] });
  });

  it('counts a step as begun once its gate is open', () => {
    const gate: EventBody = { type: 'gate.opened', key: 'stop', gate: 'stop#1', question: {} };
    expect(at(plan, gate)).toMatchObject({ at: 1, next: ['Do restore', 'Do check', 'Do start'] });
  });

  it('tells nothing of any branch while it is asked which one to take, first or anew', () => {
    const branching = [place('scope', { type: 'choose' }), inBranch('scope/a', 'tables'), place('after')];
    const asked: EventBody = {
      type: 'gate.opened',
      key: 'scope',
      gate: 'scope#2',
      question: { type: 'branch' },
    };
    expect(at(branching, chosen('tables'))).toMatchObject({ next: ['Do scope/a', 'Do after'] });
    expect(at(branching, chosen('tables'), asked)).toMatchObject({ next: [] });
    expect(at(branching, asked)).toMatchObject({ next: [] });
  });

  it('says nothing once the run is over', () => {
    expect(at(plan, finished())).toBeUndefined();
  });

  it('ends at a branch that is to be chosen, and counts on the longest one until then', () => {
    const branching = [
      place('read'),
      place('scope', { type: 'choose' }),
      inBranch('refill', 'tables'),
      inBranch('recover', 'database'),
      inBranch('switch', 'database'),
      place('check'),
    ];
    expect(at(branching)).toEqual({ at: 0, of: 4, atMost: true, next: ['Do read', 'Do scope'] });
    expect(at(branching, stepFinished('read'), chosen('tables'))).toEqual({
      at: 1,
      of: 3,
      atMost: false,
      next: ['Do refill', 'Do check'],
    });
  });

  it('names a loop once, and nothing inside of it', () => {
    const looping = [
      place('read', { type: 'loop' }),
      place('read[*]/rows', { repeated: true }),
      place('hunt', { type: 'loop' }),
      place('hunt#*/look', { repeated: true }),
      place('check'),
    ];
    expect(at(looping)?.next).toEqual(['Do read', 'Do hunt', 'Do check']);
    expect(at(looping, stepStarted('read[orders]/rows'))).toMatchObject({
      at: 1,
      of: 3,
      next: ['Do hunt', 'Do check'],
    });
    expect(at(looping, stepStarted('hunt#2/look'))).toMatchObject({ at: 2, next: ['Do check'] });
  });

  it('does not pass what goes on beside it', () => {
    const lane = (branch: string) => ({ lanes: [{ key: 'both', branch }] });
    const beside = [
      place('both', { type: 'container' }),
      place('both/files/copy', lane('files')),
      place('both/files/compare', lane('files')),
      place('both/database/restore', lane('database')),
      place('check'),
    ];
    expect(at(beside, stepStarted('both/database/restore'))).toMatchObject({
      at: 1,
      next: ['Do both/files/copy', 'Do both/files/compare', 'Do check'],
    });
    expect(at(beside, stepStarted('check'))).toMatchObject({ at: 4, next: [] });
  });

  it('is only what is always done, once the run is being aborted', () => {
    const abort: EventBody = { type: 'abort.begun', reason: 'enough', by: 'ada', undo: true };
    const always = [place('stop'), place('restore'), place('always/open', { always: true })];
    expect(at(always, stepStarted('stop'), abort)).toMatchObject({ at: 0, of: 1, next: ['Do always/open'] });
  });
});
