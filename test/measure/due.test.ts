import { describe, expect, it } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { dueStatus, soc2Quarters } from '../../engine/measure/due.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import { summarize } from '../../engine/measure/summary.ts';
import type { ScheduleEntry } from '../../engine/model/schedule.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, finished, started } from './rig.ts';

const day = (text: string): Instant => Instant.parse(text.length === 10 ? `${text}T00:00:00Z` : text)!;

const ENTRY: ScheduleEntry = {
  id: 'monthly',
  title: 'Monthly',
  playbook: 'database-corruption',
  environment: 'sandbox',
  rule: '',
  from: '2026-01-05',
  withinMs: 7 * 86_400_000,
  soc2: true,
};
const MONDAYS = ['2026-01-05', '2026-02-02', '2026-03-02', '2026-04-06', '2026-05-04'];

function ran(
  at: string,
  change: Parameters<typeof started>[0] = {},
  outcome?: Parameters<typeof finished>[0],
): RunSummary {
  const story = new Story().wait((day(at).epochMicros - START) / 1000).add(started({ run: at, ...change }));
  return summarize(story.add(finished(outcome)).events);
}

const status = (now: string, ...runs: readonly RunSummary[]) => {
  const { state, due, next, missed } = dueStatus(ENTRY, MONDAYS, runs, { now: day(now), zone: 'UTC' });
  return [state, due, next, missed];
};

describe('an entry of the schedule', () => {
  it('is upcoming before its first day', () => {
    expect(status('2026-01-04')).toEqual(['upcoming', undefined, '2026-01-05', 0]);
  });

  it('is due from its day on, and overdue once its time has passed', () => {
    expect(status('2026-01-05')).toEqual(['due', '2026-01-05', '2026-02-02', 1]);
    expect(status('2026-01-11T23:59:59Z')[0]).toBe('due');
    expect(status('2026-01-12')[0]).toBe('overdue');
  });

  it('is overdue when it is due for a second time, however long it may take', () => {
    const patient = { ...ENTRY, withinMs: 365 * 86_400_000 };
    const found = dueStatus(patient, MONDAYS, [], { now: day('2026-02-02'), zone: 'UTC' });
    expect(found).toMatchObject({ state: 'overdue', missed: 2 });
  });

  it('is done by a run of another playbook that called it, if that came to its end', () => {
    const through = (outcome: 'done' | 'failed'): RunSummary => {
      const scope = { key: 'corruption', kind: 'call', title: 'c', playbook: ENTRY.playbook } as const;
      const story = new Story().wait((day('2026-02-02').epochMicros - START) / 1000);
      story.add(started({ playbook: 'annual-drill' }), { type: 'scope.entered', ...scope });
      return summarize(story.add({ type: 'scope.left', key: scope.key, outcome }, finished()).events);
    };
    expect(status('2026-02-03', through('done'))[0]).toBe('done');
    expect(status('2026-02-03', through('failed'))[0]).not.toBe('done');
  });

  it('is done by a run since its day, and by none before it', () => {
    expect(status('2026-02-03', ran('2026-02-01T23:00:00Z'))).toEqual(['due', '2026-02-02', '2026-03-02', 1]);
    expect(status('2026-02-03', ran('2026-02-02'))).toEqual(['done', undefined, '2026-03-02', 0]);
    expect(status('2026-03-01', ran('2026-02-20'))[0]).toBe('done');
  });

  it('counts from the last run on', () => {
    expect(status('2026-05-05', ran('2026-02-02'))).toEqual(['overdue', '2026-03-02', undefined, 3]);
  });

  it('is done by a run that ended, there, of that playbook', () => {
    const elsewhere = { environment: { name: 'staging', kind: 'staging' } } as const;
    expect(status('2026-01-06', ran('2026-01-05', elsewhere))[0]).toBe('due');
    expect(status('2026-01-06', ran('2026-01-05', { playbook: 'other' }))[0]).toBe('due');
    expect(status('2026-01-06', ran('2026-01-05', {}, 'aborted'))[0]).toBe('due');
    expect(status('2026-01-06', ran('2026-01-05', {}, 'failed'))[0]).toBe('due');
    expect(status('2026-01-06', ran('2026-01-05', {}, 'failedVerification'))[0]).toBe('done');
    expect(status('2026-01-06', ran('2026-01-05', { mode: 'recover' }))[0]).toBe('done');
    const unfinished = summarize(new Story().add(started()).events);
    expect(status('2026-12-01', unfinished)[0]).toBe('overdue');
  });

  it('is never both done and due', () => {
    const moment = fc.integer({ min: day('2025-12-01').epochMillis, max: day('2026-06-30').epochMillis });
    fc.assert(
      fc.property(moment, fc.array(moment, { maxLength: 4 }), (now, at) => {
        const runs = at.filter((each) => each <= now).map((each) => ran(new Date(each).toISOString()));
        const found = dueStatus(ENTRY, MONDAYS, runs, { now: Instant.fromMillis(now), zone: 'UTC' });
        expect(found.due === undefined).toBe(found.state === 'done' || found.state === 'upcoming');
        expect(found.missed > 0).toBe(found.due !== undefined);
      }),
      { numRuns: 50 },
    );
  });
});

describe('in the zone of the schedule', () => {
  // The clock is put forward on 29 March there, and back on 25 October.
  const zone = 'Europe/Berlin';
  const within = (days: number) => ({ ...ENTRY, withinMs: days * 86_400_000 });
  it.each([
    ['before the midnight before it', '2026-03-28T22:59:59Z', 'upcoming'],
    ['from the midnight before it, in winter', '2026-03-28T23:00:00Z', 'due'],
    ['until the midnight after a day of 23 hours', '2026-03-29T21:59:59Z', 'due'],
    ['and no longer', '2026-03-29T22:00:00Z', 'overdue'],
  ])('a day on which the clock is put forward is due %s', (_, now, state) => {
    expect(dueStatus(within(1), ['2026-03-29'], [], { now: day(now), zone })).toMatchObject({ state });
  });

  it.each([
    ['from the midnight before it, in summer', '2026-10-24T22:00:00Z', 'due'],
    ['until the midnight after a day of 25 hours', '2026-10-25T22:59:59Z', 'due'],
    ['and no longer', '2026-10-25T23:00:00Z', 'overdue'],
  ])('a day on which the clock is put back is due %s', (_, now, state) => {
    expect(dueStatus(within(1), ['2026-10-25'], [], { now: day(now), zone })).toMatchObject({ state });
  });

  it('a run belongs to the day that it was there, and so to its quarter', () => {
    const lateInMarch = ran('2026-03-31T22:30:00Z');
    const now = day('2026-04-02');
    const found = dueStatus(ENTRY, ['2026-04-01'], [lateInMarch], { now, zone });
    expect(found).toMatchObject({ state: 'done' });
    expect(soc2Quarters([ENTRY], [lateInMarch], { now, zone }).map(({ state }) => state)).toEqual([
      'notMet',
      'met',
    ]);
  });
});

describe('a quarter of SOC 2', () => {
  const quarters = (now: string, ...runs: readonly RunSummary[]) =>
    soc2Quarters([ENTRY, { ...ENTRY, id: 'not-asked', soc2: false }], runs, {
      now: day(now),
      zone: 'UTC',
    }).map(({ name, state, missing, evidence }) => [
      name,
      state,
      ...missing,
      ...evidence.map(({ run }) => run),
    ]);

  it('is open while it lasts and not met after it', () => {
    expect(quarters('2026-05-01')).toEqual([
      ['2026-Q1', 'notMet', 'monthly'],
      ['2026-Q2', 'open', 'monthly'],
    ]);
  });

  it('is met by a run inside it, to the moment', () => {
    expect(quarters('2026-04-02', ran('2026-03-31T23:59:59Z'))).toEqual([
      ['2026-Q1', 'met', '2026-03-31T23:59:59Z'],
      ['2026-Q2', 'open', 'monthly'],
    ]);
    expect(quarters('2026-04-02', ran('2026-04-01'))[1]).toEqual(['2026-Q2', 'met', '2026-04-01']);
  });

  it('is not asked for before the schedule begins, nor where nothing is for SOC 2', () => {
    expect(quarters('2026-02-01').map(([name]) => name)).toEqual(['2026-Q1']);
    expect(soc2Quarters([{ ...ENTRY, soc2: false }], [], { now: day('2026-05-01'), zone: 'UTC' })).toEqual(
      [],
    );
  });
});
