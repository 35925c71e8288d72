import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import type { Json } from '../../engine/base/json.ts';
import type { RpoVerdict } from '../../engine/measure/loss.ts';
import { verdicts } from '../../engine/measure/verdicts.ts';
import type { EventBody, LossCounted } from '../../engine/model/event.ts';
import type { RpoObjective } from '../../engine/model/objectives.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, started, stepFinished } from './rig.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 3_600_000;

const RPO: RpoObjective = { targetMs: 24 * HOUR, evidence: 'heartbeat' };

const time = (micros: number): Json => ({ $time: new Instant(micros).toString() });

const recorded = (name: string, value: Json, key = 'counts'): EventBody => ({
  type: 'recorded',
  key,
  name,
  value,
});

const point = (micros: number, key = 'counts'): EventBody => recorded('recoveryPoint', time(micros), key);

/** The newest row of what is abandoned, as a step found it. */
const newestLost = (micros: number | null): EventBody =>
  recorded('newestLost', micros === null ? null : time(micros), 'leftBehind');

const occurred: EventBody = { type: 'mark.set', mark: 'occurred', time: START, source: 'fault' };

/** A step that proves that nobody can write, and what became of it. */
const fenced = (micros: number, outcome = 'succeeded'): readonly EventBody[] => [
  { type: 'mark.set', mark: 'fenced', time: micros, key: 'fence', source: 'step' },
  stepFinished('fence', outcome),
];

const counted = (change: Partial<LossCounted>): EventBody => ({
  type: 'loss.counted',
  acknowledged: 900,
  lost: 2,
  ...change,
});

function rpo(objective: Partial<RpoObjective>, ...bodies: readonly EventBody[]): RpoVerdict | undefined {
  const story = new Story().add(started({ objectives: { rpo: { ...RPO, ...objective } } }), ...bodies);
  return verdicts(story.events).rpo;
}

describe('the loss window', () => {
  it('goes on after the accident until the writers were stopped: that is judged, not the distance to the accident', () => {
    const night = rpo(
      { targetMs: HOUR },
      occurred,
      point(START - SECOND),
      ...fenced(START + 9 * 60 * MINUTE),
    );
    expect(night).toMatchObject({
      verdict: 'missed',
      actualMs: 9 * HOUR + 1000,
      beforeMs: 1000,
      afterMs: 9 * HOUR,
      recoveryPoint: START - SECOND,
      lostUntil: START + 9 * 60 * MINUTE,
      endedBy: 'fenced',
      recordedBy: 'counts',
    });
  });

  it('ends with the newest row that was left behind, when nobody could write while it was asked for', () => {
    const quiet = rpo(
      {},
      occurred,
      point(START - SECOND),
      ...fenced(START + 60 * MINUTE),
      newestLost(START + 5 * SECOND),
    );
    expect(quiet).toMatchObject({ verdict: 'met', actualMs: 6000, afterMs: 5000, endedBy: 'newestLost' });
  });

  it('ends with the fence when the newest row was asked for before it: somebody may have written since', () => {
    expect(
      rpo({}, occurred, point(START - SECOND), newestLost(START + SECOND), ...fenced(START + MINUTE)),
    ).toMatchObject({ verdict: 'met', afterMs: 60_000, endedBy: 'fenced' });
  });

  it('is empty when idle hours lie between the newest row that was kept and the accident', () => {
    const kept = START - 8 * 60 * MINUTE;
    expect(
      rpo({ targetMs: 0 }, occurred, point(kept), ...fenced(START + MINUTE), newestLost(kept)),
    ).toMatchObject({
      verdict: 'met',
      actualMs: 0,
      beforeMs: 0,
      afterMs: 0,
    });
  });

  it('shrinks by what was merged: the last answer to what is still lost counts', () => {
    const before = [
      occurred,
      point(START - SECOND),
      ...fenced(START + MINUTE),
      newestLost(START + 50 * SECOND),
    ];
    expect(rpo({ targetMs: 0 }, ...before)).toMatchObject({ verdict: 'missed', actualMs: 51_000 });
    expect(rpo({ targetMs: 0 }, ...before, newestLost(null))).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(rpo({ targetMs: 0 }, ...before, newestLost(START - SECOND / 2))).toMatchObject({ actualMs: 500 });
  });

  it('is at least so long, and unproven, while nothing shows that the writers were stopped', () => {
    for (const bodies of [[], [newestLost(START - SECOND)], [newestLost(null)]]) {
      expect(rpo({}, occurred, point(START - 2 * SECOND), ...bodies)).toMatchObject({
        verdict: 'unproven',
        isAtLeast: true,
        actualMs: 2000,
        reason: 'nothing proves that writers were stopped: no step set the mark fenced',
      });
    }
    expect(rpo({}, occurred, point(START - SECOND), newestLost(START + MINUTE))).toMatchObject({
      verdict: 'unproven',
      isAtLeast: true,
      actualMs: 61_000,
    });
  });

  it('is missed when that is too much already', () => {
    expect(rpo({ targetMs: 1000 }, occurred, point(START - 2 * SECOND))).toMatchObject({
      verdict: 'missed',
      isAtLeast: true,
    });
  });

  it.each(['accepted', 'byHand', 'skipped', 'alreadyDone', 'failed'])(
    'takes a fence that was %s for none: nobody has seen that it holds',
    (outcome) => {
      expect(rpo({}, occurred, point(START - SECOND), ...fenced(START + MINUTE, outcome))).toMatchObject({
        verdict: 'unproven',
        isAtLeast: true,
      });
    },
  );

  it('takes a fence that was taken back, or that nobody but the run set, for none', () => {
    const mark = (more: object): EventBody => ({
      type: 'mark.set',
      mark: 'fenced',
      time: START,
      source: 'run',
      ...more,
    });
    for (const body of [mark({}), mark({ time: null, key: 'fence' })]) {
      expect(rpo({}, occurred, point(START - SECOND), ...fenced(START), body)).toMatchObject({
        isAtLeast: true,
      });
    }
  });

  it('is not made shorter by a clock that is set back', () => {
    const story = new Story()
      .add(started({ objectives: { rpo: RPO } }), occurred, point(START - SECOND))
      .wait(600_000)
      .setClock(-540_000);
    story.add(...fenced(story.now.epochMicros));
    expect(verdicts(story.events).rpo).toMatchObject({ afterMs: 600_000 });
  });

  describe('of a move that was chosen, from a row to a row', () => {
    const MOVE = { to: 'newestLost', targetMs: HOUR } as const;
    const moved = [point(START - 30 * MINUTE), ...fenced(START + MINUTE), newestLost(START + SECOND)];

    it('is judged though nothing failed, and has no two parts', () => {
      expect(rpo(MOVE, ...moved)).toMatchObject({
        verdict: 'met',
        actualMs: 1_801_000,
        recoveryPoint: START - 30 * MINUTE,
        lostUntil: START + SECOND,
        endedBy: 'newestLost',
      });
      for (const name of ['failureTime', 'beforeMs', 'afterMs'])
        expect(rpo(MOVE, occurred, ...moved)).not.toHaveProperty(name);
      expect(rpo({ ...MOVE, targetMs: 1_800_999 }, ...moved)).toMatchObject({ verdict: 'missed' });
    });

    it('is unproven without that word, as before', () => {
      expect(rpo({}, ...moved)).toMatchObject({
        verdict: 'unproven',
        reason: 'when the failure occurred is not known',
      });
    });

    it('goes to the fence where the newest row could not be asked for, and is open without a fence', () => {
      expect(rpo(MOVE, point(START - SECOND), ...fenced(START + MINUTE))).toMatchObject({
        verdict: 'met',
        actualMs: 61_000,
        endedBy: 'fenced',
      });
      expect(rpo(MOVE, point(START - SECOND), newestLost(START + SECOND))).toMatchObject({
        verdict: 'unproven',
        isAtLeast: true,
        actualMs: 2000,
      });
    });

    it('takes a recovery point that is newer than all that was left behind for none', () => {
      const since = [...fenced(START + MINUTE), newestLost(START), point(START + SECOND)];
      expect(rpo(MOVE, ...since)).toMatchObject({
        verdict: 'unproven',
        reason: expect.stringContaining('newer than all that was left behind') as string,
      });
      expect(rpo(MOVE, ...fenced(START + MINUTE), newestLost(START), point(START))).toMatchObject({
        verdict: 'met',
        actualMs: 0,
      });
    });

    it('goes by the writer’s own list where that knows of more', () => {
      const list = counted({ oldestLost: START - 40 * MINUTE, newestLost: START + 2 * SECOND });
      expect(rpo(MOVE, ...moved, list)).toMatchObject({
        actualMs: 2_402_000,
        endedBy: 'counted',
      });
    });
  });

  it('ends with the accident where nothing that is abandoned goes on', () => {
    const deleted = { targetMs: 1000, to: 'occurred' } as const;
    expect(rpo(deleted, occurred, point(START - SECOND))).toMatchObject({
      verdict: 'met',
      actualMs: 1000,
      afterMs: 0,
      endedBy: 'occurred',
    });
    expect(rpo(deleted, occurred, point(START - 2 * SECOND))).toMatchObject({ verdict: 'missed' });
  });

  it('is none after an outage whose newest write before it is there, with nothing abandoned', () => {
    const outage = { targetMs: 0, to: 'occurred' } as const;
    expect(rpo(outage, occurred, point(START - 700_000), newestLost(null))).toMatchObject({
      verdict: 'met',
      actualMs: 0,
    });
    expect(rpo(outage, occurred, recorded('recoveryPoint', null), newestLost(null))).toMatchObject({
      verdict: 'unproven',
    });
  });
});

describe('a recovery point', () => {
  it('that lies after the failure is none: it was written since', () => {
    expect(rpo({}, occurred, point(START + MINUTE), ...fenced(START + MINUTE))).toEqual({
      verdict: 'unproven',
      targetMs: RPO.targetMs,
      evidence: 'heartbeat',
      to: 'fenced',
      failureTime: START,
      recordedBy: 'counts',
      reason:
        'what the step counts recorded as the recovery point lies 1m 00s after the failure: it was written since, and proves nothing',
    });
  });

  it('is needed, and so is the moment of the failure', () => {
    expect(rpo({}, occurred)).toMatchObject({
      verdict: 'unproven',
      reason: 'no step recorded a recovery point',
    });
    const takenBack: EventBody = { ...occurred, time: null };
    for (const bodies of [[], [occurred, takenBack]]) {
      expect(rpo({}, ...bodies, point(START - SECOND))).toMatchObject({
        verdict: 'unproven',
        reason: 'when the failure occurred is not known',
      });
    }
  });

  it.each([
    [null],
    [17],
    ['yesterday'],
    ['2026-11-22T14:55:00'],
    [{ $time: '[secret]' }],
    [{ $int: 'x' }],
    [{ $map: null }],
  ])('is no %j', (value) => {
    expect(rpo({}, occurred, recorded('recoveryPoint', value))).toMatchObject({
      verdict: 'unproven',
      reason: 'what the step counts recorded as the recovery point is no moment',
    });
  });

  it('may be written as a text', () => {
    const text = recorded('recoveryPoint', '2026-11-22T14:54:59+00:00');
    expect(rpo({ to: 'occurred' }, occurred, text)).toMatchObject({ actualMs: 1000 });
  });

  it('is the last that was recorded', () => {
    const two = [point(START - 5 * SECOND, 'first'), point(START - SECOND, 'second')];
    expect(rpo({ to: 'occurred' }, occurred, ...two)).toMatchObject({ actualMs: 1000, recordedBy: 'second' });
  });

  it('proves nothing when its check stayed green while the world was broken', () => {
    const proof = (step: string, verdict: 'red' | 'green'): EventBody => ({
      type: 'check.proved',
      step,
      title: step,
      verdict,
      reading: '',
    });
    const objective = { targetMs: 0, evidence: 'keys' } as const;
    expect(rpo(objective, proof('keys', 'green'), occurred, point(START, 'keys'))).toMatchObject({
      verdict: 'unproven',
      reason:
        'the check that recorded the recovery point stayed green while the world was broken: it proves nothing',
    });
    const red = [proof('content', 'red'), occurred, point(START, 'content'), point(START, 'keys')];
    expect(rpo(objective, proof('keys', 'green'), ...red)).toMatchObject({
      verdict: 'met',
      recordedBy: 'content',
    });
  });

  it('is what the branch promises that was taken last, where one does', () => {
    const chosen = (branch: string, promise?: RpoObjective): EventBody => ({
      type: 'branch.chosen',
      key: 'way',
      branch,
      by: 'engine',
      ...(promise !== undefined && { rpo: promise }),
    });
    const wait = chosen('wait', { targetMs: 0, evidence: 'heartbeat', to: 'occurred' });
    const move = chosen('move', { targetMs: 20 * 60_000, evidence: 'reached' });
    const after = [point(START - 10 * MINUTE), ...fenced(START)];
    expect(rpo({}, occurred, wait, ...after)).toMatchObject({
      verdict: 'missed',
      targetMs: 0,
      to: 'occurred',
    });
    expect(rpo({}, occurred, wait, move, ...after)).toMatchObject({
      verdict: 'met',
      targetMs: 20 * 60_000,
      evidence: 'reached',
      to: 'fenced',
    });
    expect(rpo({}, occurred, chosen('plain'), ...after)).toMatchObject({ targetMs: RPO.targetMs });
  });
});

describe('keys without an object', () => {
  const keys = { targetMs: 0, evidence: 'keys' } as const;
  const orphan = point(START - 40 * 24 * 60 * MINUTE);

  it('are no loss of this accident while it is not known what was missing before', () => {
    const verdict = rpo(keys, occurred, orphan);
    expect(verdict).toMatchObject({
      verdict: 'unproven',
      reason: expect.stringContaining('what was missing before the failure is not known') as string,
    });
    expect(verdict).not.toHaveProperty('actualMs');
  });

  it('are one when that is known', () => {
    const some = [occurred, point(START - MINUTE), recorded('missingBefore', 3)];
    expect(rpo(keys, ...some)).toMatchObject({ verdict: 'missed', actualMs: 60_000 });
  });

  it('are at least what the writer’s own list of uploads lacks', () => {
    const uploads = { acknowledged: 9, lost: 1, oldestLost: START - SECOND };
    expect(rpo(keys, occurred, orphan, counted({ uploads }))).toMatchObject({
      verdict: 'missed',
      actualMs: 1000,
      isAtLeast: true,
    });
    const patient = { ...keys, targetMs: MINUTE };
    expect(rpo(patient, occurred, orphan, counted({ uploads }))?.verdict).toBe('unproven');
    expect(rpo(keys, occurred, orphan, counted({ uploads: { acknowledged: 9, lost: 0 } }))?.verdict).toBe(
      'unproven',
    );
  });

  it('have nothing to do with rows', () => {
    expect(rpo(keys, occurred, orphan, counted({ lost: 0 }))?.verdict).toBe('unproven');
    const rows = counted({ oldestLost: START - SECOND, newestLost: START + SECOND });
    expect(rpo(keys, occurred, point(START), rows)).toMatchObject({ verdict: 'met', actualMs: 0 });
  });

  it('prove that nothing is lost when there are none', () => {
    expect(rpo(keys, occurred, point(START))).toMatchObject({ verdict: 'met', actualMs: 0 });
  });
});

describe('acknowledged rows that were counted', () => {
  const said = [occurred, point(START - SECOND), ...fenced(START + SECOND)];

  it('decide where one that is older than the recovery point is lost', () => {
    expect(rpo({}, ...said, counted({ oldestLost: START - 9 * SECOND }))).toMatchObject({
      beforeMs: 9000,
      reason: expect.stringContaining('it decides') as string,
    });
    expect(rpo({}, ...said, counted({ oldestLost: START }))).not.toHaveProperty('reason');
    expect(rpo({}, occurred, counted({ oldestLost: START - SECOND }))).toMatchObject({ verdict: 'unproven' });
  });

  it('decide where one is lost that is newer than the end', () => {
    expect(rpo({}, ...said, counted({ newestLost: START + 9 * SECOND }))).toMatchObject({
      afterMs: 9000,
      endedBy: 'counted',
      reason: expect.stringContaining('newer') as string,
    });
    expect(rpo({}, ...said, counted({ newestLost: START }))).toMatchObject({ endedBy: 'fenced' });
  });

  it('decide without a word where the newest row that could be asked for is a little older, and the fence is not', () => {
    const asked = [...said, newestLost(START + 200_000)];
    const finer = rpo({}, ...asked, counted({ newestLost: START + SECOND }));
    expect(finer).toMatchObject({ verdict: 'met', afterMs: 1000, endedBy: 'counted' });
    expect(finer).not.toHaveProperty('reason');
    // Written behind the fence, or lost though a step said that nothing is: the steps were wrong.
    for (const wrong of [
      [...asked, counted({ newestLost: START + SECOND + 1 })],
      [...said, newestLost(null), counted({ newestLost: START })],
    ]) {
      expect(rpo({}, ...wrong)?.reason).toContain('newer than the end');
    }
  });

  it('are counted first, else as a step recorded', () => {
    const lossOf = (...bodies: readonly EventBody[]) =>
      verdicts(new Story().add(started(), ...bodies).events).loss;
    expect(lossOf(recorded('rowsLost', 7))).toEqual({ lost: 7, source: 'recorded' });
    expect(lossOf(recorded('rowsLost', { $int: '12' }))).toMatchObject({ lost: 12 });
    expect(lossOf(recorded('rowsLost', 7), counted({}))).toEqual({
      lost: 2,
      acknowledged: 900,
      source: 'counted',
    });
    expect(lossOf(recorded('rowsLost', 'some'))).toBeUndefined();
  });

  it('leave it unproven where they could not be counted', () => {
    const uncounted: EventBody = { type: 'loss.uncounted', reason: 'it does not answer' };
    expect(rpo({}, ...said, uncounted)).toMatchObject({ verdict: 'unproven', actualMs: 2000 });
    expect(rpo({ targetMs: 1 }, ...said, uncounted)).toMatchObject({ verdict: 'missed' });
  });
});

/**
 * A system that takes a write at each of these moments (seconds before and after the accident), until it is
 * fenced or for ever; what it had at `kept` is recovered, and what it had at `merged` is put on top.
 */
const disasters = fc.record({
  writes: fc.uniqueArray(fc.integer({ min: -60, max: 120 }), { minLength: 1, maxLength: 20 }),
  kept: fc.integer({ min: -60, max: 0 }),
  fenceAt: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  askedAt: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
  targetMs: fc.integer({ min: 0, max: 120_000 }),
});

describe('whatever was written, and whenever it was asked', () => {
  it('is never said to be less than what was lost, and exactly that when it was asked behind the fence', () => {
    fc.assert(
      fc.property(disasters, ({ writes, kept, fenceAt, askedAt, targetMs }) => {
        const accepted = writes.filter((at) => fenceAt === undefined || at < fenceAt).sort((a, b) => a - b);
        const recovery = accepted.findLast((at) => at <= kept);
        if (recovery === undefined) return;
        const truth = (Math.max(recovery, accepted.at(-1) ?? recovery) - recovery) * 1000;
        const micros = (seconds: number): number => START + seconds * SECOND;
        const newest = accepted.findLast((at) => askedAt === undefined || at <= askedAt) ?? recovery;
        const steps = [
          { at: fenceAt, bodies: fenceAt === undefined ? [] : fenced(micros(fenceAt)) },
          { at: askedAt, bodies: askedAt === undefined ? [] : [newestLost(micros(newest))] },
        ].sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
        const bodies = steps.flatMap((step) => step.bodies);
        const found = rpo({ targetMs }, occurred, point(micros(recovery)), ...bodies);
        const behind = fenceAt !== undefined && askedAt !== undefined && fenceAt <= askedAt;
        if (behind) expect(found?.actualMs).toBe(truth);
        if (found?.isAtLeast !== true) expect(found?.actualMs).toBeGreaterThanOrEqual(truth);
        if (found?.verdict === 'met') expect(truth).toBeLessThanOrEqual(targetMs);
        expect(found?.isAtLeast === true).toBe(fenceAt === undefined);
      }),
    );
  });

  it('has two parts that sum to the whole, and is met only with both ends shown', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const found = verdicts(events).rpo;
        if (found?.actualMs === undefined) {
          expect(found?.verdict).not.toBe('met');
          return;
        }
        expect(found.beforeMs).toBeGreaterThanOrEqual(0);
        expect(found.afterMs).toBeGreaterThanOrEqual(0);
        expect((found.beforeMs ?? 0) + (found.afterMs ?? 0)).toBeCloseTo(found.actualMs, 3);
        if (found.verdict === 'met')
          expect([found.isAtLeast, found.endedBy]).toEqual([undefined, expect.any(String)]);
      }),
      { numRuns: 500 },
    );
  });
});
