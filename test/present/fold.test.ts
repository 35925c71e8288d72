import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../engine/model/event.ts';
import { applyEvent } from '../../engine/model/fold.ts';
import { screenFold } from '../../engine/present/fold.ts';
import type { ScreenState } from '../../engine/present/screen-state.ts';
import { applySignal, initialScreenState } from '../../engine/present/screen-state.ts';
import { EventStream, finished, left, manySteps, phase, runStarted, started } from '../rig/event-stream.ts';

function folded(...bodies: readonly EventBody[]): ScreenState {
  const stream = new EventStream();
  return bodies.reduce(
    (state, body, index) => applyEvent(screenFold, state, stream.at(index * 1000, body)),
    initialScreenState,
  );
}

describe('what the screens know of a run', () => {
  it('folds a finished phase to one line with its steps and its length of time', () => {
    const state = folded(
      runStarted,
      phase('a', 'Contain'),
      started('s', 'Suspend'),
      finished('s', 'Suspend'),
      left('a'),
    );
    expect(state.scopes).toHaveLength(1);
    expect(state.scopes[0].entries).toEqual([
      { mark: 'ok', text: 'Contain', detail: '1 step', tookMs: 3000 },
    ]);
  });

  it('counts steps in every phase around them', () => {
    const state = folded(
      runStarted,
      phase('a', 'Outer'),
      phase('a/b', 'Inner'),
      started('s', 'S'),
      finished('s', 'S'),
      left('a/b'),
    );
    expect(state.scopes.map((scope) => scope.steps)).toEqual([1, 1]);
    expect(state.scopes[1]?.entries.map((entry) => entry.text)).toEqual(['Inner']);
  });

  it('says in words what became of a step', () => {
    const end = (body: Partial<Extract<EventBody, { type: 'step.finished' }>>): EventBody => ({
      type: 'step.finished',
      key: 's',
      title: 'S',
      outcome: 'failed',
      conclusion: 'failed',
      ...body,
    });
    const state = folded(
      end({ error: { code: '429', message: 'Too many', changed: 'nothing', retryable: true } }),
      end({ outcome: 'skipped', conclusion: 'ok', reason: 'not needed' }),
      end({ outcome: 'wrongSet', conclusion: 'tolerated' }),
    );
    expect(state.scopes[0].entries).toEqual([
      { mark: 'bad', text: 'S', detail: 'failed: Too many' },
      { mark: 'skip', text: 'S', detail: 'skipped: not needed' },
      { mark: 'skip', text: 'S', detail: 'wrongSet, tolerated' },
    ]);
    expect(state.scopes[0].failures).toBe(1);
  });

  it('keeps the last reading, the progress and three log lines of a running step, until it ends', () => {
    let state = folded(runStarted, started('s', 'S'));
    for (const line of ['one', 'two', 'three', 'four']) {
      state = applySignal(state, { type: 'log', key: 's', line });
    }
    for (const inARow of [1, 2]) {
      state = applySignal(state, {
        type: 'reading',
        key: 's',
        state: 'holds',
        text: '200',
        inARow,
        stable: 3,
      });
    }
    expect(state.live.get('s')).toMatchObject({ log: ['two', 'three', 'four'], reading: { inARow: 2 } });
    state = applyEvent(screenFold, state, new EventStream().at(0, finished('s', 'S')));
    expect(state.live.size).toBe(0);
  });

  it('does not keep signals of steps that it does not know, save what a world says while it starts', () => {
    const reading = { type: 'reading', key: 'x', state: 'holds', text: '', inARow: 0, stable: 1 } as const;
    expect(applySignal(initialScreenState, reading)).toBe(initialScreenState);
    const state = applySignal(initialScreenState, { type: 'log', key: 'world', line: 'initdb' });
    expect(state.loose).toEqual(['initdb']);
  });

  it('knows the open debts, and not what only an abort would take back', () => {
    const debt = (key: string, due: 'abort' | 'exit'): EventBody => ({
      type: 'debt.opened',
      key,
      title: key,
      due,
    });
    const settled = (key: string, how: 'paid' | 'declined'): EventBody => ({
      type: 'debt.settled',
      key,
      how,
    });
    const state = folded(
      debt('a', 'exit'),
      debt('b', 'abort'),
      debt('c', 'exit'),
      settled('a', 'paid'),
      settled('c', 'declined'),
    );
    expect(state.debts).toEqual([{ key: 'c', title: 'c' }]);
  });

  it('moves a mark, and takes one back', () => {
    const mark = (name: string, time: number | null): EventBody => ({
      type: 'mark.set',
      mark: name,
      time,
      source: 'run',
    });
    const state = folded(
      mark('serving', 1_000_000),
      mark('restored', 2_000_000),
      mark('serving', 3_000_000),
      mark('restored', null),
    );
    expect(state.marks).toEqual([{ mark: 'serving', time: 3000 }]);
  });

  it('shows what ran when the run died as in doubt, and nothing asked, after it is resumed', () => {
    const state = folded(
      runStarted,
      started('s', 'S'),
      { type: 'gate.opened', key: 's', gate: '1', question: { title: 'S', type: 'gate' } },
      { type: 'run.paused', by: 'ada', reason: 'lunch' },
      { type: 'run.resumed', operator: 'bob', host: 'h', pid: 2, engine: '0', unattended: false },
    );
    expect(state.running).toMatchObject([{ key: 's', inDoubt: true }]);
    expect(state.gate).toBeUndefined();
    expect(state.standing).toBeUndefined();
  });

  it('stays small in a run of 10,000 steps', () => {
    const state = manySteps(10_000).reduce(
      (before, event) => applyEvent(screenFold, before, event),
      initialScreenState,
    );
    expect(state.scopes[0].steps).toBe(10_000);
    expect(JSON.stringify(state).length).toBeLessThan(20_000);
  });
});
