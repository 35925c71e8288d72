import { describe, expect, it, test } from 'vitest';
import type { EventBody } from '../../engine/model/event.ts';
import { summarize, withWriter } from '../../engine/measure/summary.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, finished, resumed, started, stepFinished, stepStarted } from './rig.ts';

const paused: EventBody = { type: 'run.paused', by: 'ada', reason: 'lunch' };
const RTO = { rto: { targetMs: 60_000, from: 'declared', to: 'verified' } };
const verified = (seconds: number): EventBody => ({
  type: 'mark.set',
  mark: 'verified',
  time: START + seconds * 1_000_000,
  source: 'step',
});

test('a summary says the same after it was kept as JSON, and once it is known whether somebody writes', () => {
  fc.assert(
    fc.property(anyEvents, fc.boolean(), (events, writing) => {
      const kept = JSON.parse(JSON.stringify(summarize(events))) as RunSummary;
      expect(withWriter(kept, writing)).toStrictEqual(summarize(events, { writing }));
    }),
  );
});

describe('the state of a run', () => {
  it('is running while somebody writes on it, interrupted when nobody does', () => {
    const { events } = new Story().add(started());
    expect(summarize(events, { writing: true })).toMatchObject({ state: 'running', resumable: false });
    expect(summarize(events)).toMatchObject({ state: 'interrupted', resumable: true, exitCode: 130 });
  });

  it('is paused until it is resumed', () => {
    const story = new Story().add(started(), paused);
    expect(summarize(story.events)).toMatchObject({ state: 'paused', resumable: true, reason: 'lunch' });
    story.add(resumed);
    expect(summarize(story.events)).toMatchObject({ state: 'interrupted' });
  });

  it('is finished at the end', () => {
    expect(summarize(new Story().add(started()).wait(5000).add(finished()).events)).toMatchObject({
      run: '20261122-1455-k3f9',
      mode: 'drill',
      environment: 'sandbox',
      state: 'finished',
      resumable: false,
      outcome: 'succeeded',
      elapsedMs: 5000,
      startedAt: START,
    });
  });

  it('is known even of a run that died before its first event', () => {
    expect(summarize([])).toMatchObject({ run: '', state: 'interrupted', resumable: false, elapsedMs: 0 });
  });
});

describe('the exit code', () => {
  const code = (...bodies: readonly EventBody[]): number =>
    summarize(new Story().add(started({ objectives: RTO }), ...bodies).events).exitCode;

  it('is 0 when every objective is met, or there is none', () => {
    expect(code(verified(60), finished())).toBe(0);
    expect(summarize(new Story().add(started(), finished()).events).exitCode).toBe(0);
  });

  it('is 1 when an objective is missed', () => {
    expect(code(verified(61), finished())).toBe(1);
  });

  it('is 1 when an objective is unproven: what nobody can show was not achieved', () => {
    expect(code(finished())).toBe(1);
    const rpo = { rpo: { targetMs: 1, evidence: 'heartbeat' as const } };
    expect(summarize(new Story().add(started({ objectives: rpo }), finished()).events).exitCode).toBe(1);
  });

  it('is 1 when a check of the result was red', () => {
    expect(code(verified(1), finished('failedVerification'))).toBe(1);
  });

  it('is 3 when the run failed or was aborted, whatever was met', () => {
    expect(code(verified(1), finished('failed'))).toBe(3);
    expect(code(verified(1), finished('aborted'))).toBe(3);
  });
});

describe('a summary', () => {
  it('counts steps, debts that are owed, and checks that prove nothing', () => {
    const debt = (key: string): EventBody => ({ type: 'debt.opened', key, title: key, due: 'exit' });
    const settled = (key: string, how: 'paid' | 'declined' | 'failed'): EventBody => ({
      type: 'debt.settled',
      key,
      how,
    });
    const proof = (verdict: 'red' | 'green'): EventBody => ({
      type: 'check.proved',
      step: verdict,
      title: verdict,
      verdict,
      reading: '',
    });
    const { events } = new Story().add(
      started(),
      proof('red'),
      proof('green'),
      stepStarted('a'),
      stepFinished('a'),
      stepFinished('b', 'failed'),
      ...['p', 'd', 'f', 'o'].map(debt),
      settled('p', 'paid'),
      settled('d', 'declined'),
      settled('f', 'failed'),
      settled('never opened', 'paid'),
    );
    expect(summarize(events)).toMatchObject({
      stepsDone: 2,
      stepsFailed: 1,
      openDebts: 3,
      unprovenChecks: 1,
    });
  });

  it('exists for any events', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        expect(JSON.parse(JSON.stringify(summarize(events)))).toBeTypeOf('object');
      }),
      { numRuns: 300 },
    );
  });
});
