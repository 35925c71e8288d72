import { describe, expect, it } from 'vitest';
import type { DueStatus } from '../../engine/measure/due.ts';
import type { PlaybookHistory } from '../../engine/report/standing.ts';
import { standingOf } from '../../engine/report/standing.ts';
import { finished, Story, started } from '../measure/rig.ts';
import { drilled, historyOf, onDay, promising } from './history-rig.ts';

const overdue: DueStatus = {
  entry: {
    ...{ id: 'quarterly', title: 'Quarterly', playbook: 'database-corruption', environment: 'sandbox' },
    ...{ rule: 'FREQ=MONTHLY', from: '2026-01-01', withinMs: 0, soc2: true },
  },
  state: 'overdue',
  due: '2026-12-01',
  missed: 2,
};

describe('what the runs of a playbook are worth', () => {
  it('is proven when the newest drill of each rehearsal met what is promised', () => {
    const runs = [drilled(0, 40), drilled(1, 20), drilled(2, 10, { rehearsal: 'some' })];
    expect(standingOf(historyOf(runs, { playbook: promising('whole', 'some') }), onDay(3))).toMatchObject({
      ...{ state: 'proven', reasons: [], lastAt: onDay(2) },
      // The worst of both is what one can promise.
      rto: { verdict: 'met', actualMs: 20 * 60_000 },
    });
  });

  it('is not proven by an easy drill after a hard one that took too long', () => {
    const runs = [drilled(0, 40), drilled(1, 10, { rehearsal: 'some' })];
    expect(standingOf(historyOf(runs, { playbook: promising('whole', 'some') }), onDay(2))).toMatchObject({
      state: 'notProven',
      reasons: ['“whole” of 2026-11-22: RTO missed (40m 00s of 30m)'],
      rto: { verdict: 'missed' },
    });
  });

  it('is not proven by a run that failed, nor by none', () => {
    const failed = new Story().add(started({ rehearsal: 'whole' })).add(finished('failed')).events;
    expect(standingOf(historyOf([failed]), onDay(1))).toMatchObject({
      ...{ state: 'notProven', reasons: ['“whole” of 2026-11-22 failed'] },
    });
    expect(standingOf(historyOf([], { due: [overdue] }), onDay(1))).toEqual({
      state: 'notProven',
      reasons: ['never drilled', 'overdue in sandbox since 2026-12-01 (2 times)'],
    });
  });

  it.each([
    ['a rehearsal was never drilled', { playbook: promising('whole', 'some') }, '“some” was never drilled'],
    ['it is overdue', { due: [overdue] }, 'overdue in sandbox since 2026-12-01 (2 times)'],
    ['it was edited since', { isEdited: true }, 'the playbook was edited since'],
  ] satisfies readonly [string, Partial<PlaybookHistory>, string][])(
    'has gaps when %s',
    (_, over, reason) => {
      expect(standingOf(historyOf([drilled(0, 20)], over), onDay(1))).toMatchObject({
        ...{ state: 'gaps', reasons: [reason] },
      });
    },
  );

  it('has gaps when nothing says how often, and it was more than a year ago', () => {
    expect(standingOf(historyOf([drilled(0, 20)]), onDay(360)).state).toBe('proven');
    expect(standingOf(historyOf([drilled(0, 20)]), onDay(400))).toMatchObject({
      ...{ state: 'gaps', reasons: ['not drilled for 400d 00h'] },
    });
  });

  it('is what the newest real run showed, until it is drilled again', () => {
    const real = drilled(5, 45, {
      mode: 'recover',
      environment: { name: 'production', kind: 'production' },
    });
    expect(standingOf(historyOf([drilled(0, 20), real]), onDay(6))).toMatchObject({ state: 'notProven' });
    expect(standingOf(historyOf([drilled(0, 20), real, drilled(9, 20)]), onDay(10))).toMatchObject({
      state: 'proven',
    });
  });
});
