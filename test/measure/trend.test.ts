import { describe, expect, it } from 'vitest';
import { percentile } from '../../engine/measure/forecast.ts';
import type { RunSummary } from '../../engine/measure/summary.ts';
import { summarize } from '../../engine/measure/summary.ts';
import { trendsOf } from '../../engine/measure/trend.ts';
import fc from '../rig/fast-check.ts';
import { START, Story, anyEvents, finished, started } from './rig.ts';

const RTO = { rto: { targetMs: 60_000, from: 'detected', to: 'verified' } };

/** A drill that took so many seconds, `day` days after the first. */
function ran(seconds: number | undefined, day = 0, change: Parameters<typeof started>[0] = {}): RunSummary {
  const story = new Story().wait(day * 86_400_000).add(started({ objectives: RTO, ...change }));
  const begin = START + day * 86_400_000_000;
  story.add({ type: 'mark.set', mark: 'detected', time: begin, source: 'detect' });
  if (seconds !== undefined)
    story.add({ type: 'mark.set', mark: 'verified', time: begin + seconds * 1e6, source: 'step' });
  return summarize(story.add(finished()).events);
}

const rta = (...seconds: readonly number[]) => trendsOf(seconds.map((each, day) => ran(each, day)))[0]!.rta;

describe('a trend', () => {
  it('is of one setting', () => {
    const other = { environment: { name: 'staging', kind: 'staging' } } as const;
    const trends = trendsOf([ran(10), ran(90, 1, other), ran(20, 2), ran(5, 3, { playbook: 'a' })]);
    expect(
      trends.map(({ setting: { playbook, environment }, runs }) => [playbook, environment, runs.length]),
    ).toEqual([
      ['a', 'sandbox', 1],
      ['database-corruption', 'sandbox', 2],
      ['database-corruption', 'staging', 1],
    ]);
  });

  const changes: readonly (readonly [string, Parameters<typeof started>[0]])[] = [
    ['playbook', { playbook: 'complete-outage' }],
    ['environment', { environment: { name: 'other', kind: 'sandbox' } }],
    ['kind of environment', { environment: { name: 'sandbox', kind: 'staging' } }],
    ['world', { world: 'plain' }],
    ['rehearsal', { rehearsal: 'someTables' }],
    ['kind of run', { mode: 'recover' }],
    ['attendance', { unattended: true }],
  ];
  it.each(changes)(
    'ends where another %s begins: neither direction nor percentile goes across',
    (_, change) => {
      const trends = trendsOf([ran(10), ran(10, 1), ran(50, 2, change)]);
      expect(trends.map(({ rta }) => [...rta.values])).toHaveLength(2);
      expect(trends.flatMap(({ rta }) => rta.direction ?? [])).toEqual(['steady']);
    },
  );

  describe('of a playbook that chooses', () => {
    const chose = (key: string, branch: string, seconds: number, day: number): RunSummary => {
      const story = new Story().wait(day * 86_400_000).add(started({ objectives: RTO }));
      const begin = START + day * 86_400_000_000;
      return summarize(
        story.add(
          { type: 'mark.set', mark: 'detected', time: begin, source: 'detect' },
          { type: 'branch.chosen', key, branch, by: 'ada' },
          { type: 'mark.set', mark: 'verified', time: begin + seconds * 1e6, source: 'step' },
          finished(),
        ).events,
      );
    };

    it('is of one branch', () => {
      const runs = [
        chose('scope', 'tables', 5, 0),
        chose('scope', 'whole', 50, 1),
        chose('scope', 'tables', 5, 2),
      ];
      expect(trendsOf(runs).map(({ setting, rta }) => [setting.branches, rta.values])).toEqual([
        [['scope: tables'], [5000, 5000]],
        [['scope: whole'], [50_000]],
      ]);
    });

    it('is of one branch only where the run as a whole chose it, and no item or round of it', () => {
      const runs = [chose('each[1]/how', 'a', 5, 0), chose('again#2/how', 'b', 5, 1)];
      expect(trendsOf(runs)).toHaveLength(1);
    });
  });

  it('is one of people as soon as one life of the run had somebody to ask', () => {
    const mixed = summarize(
      new Story()
        .add(started({ unattended: true }))
        .wait(1000)
        .add({ type: 'run.paused', by: 'timer', reason: 'a gate' })
        .die(1000)
        .add({ type: 'run.resumed', operator: 'bob', host: 'h', pid: 1, engine: '0', unattended: false })
        .add(finished()).events,
    );
    expect(trendsOf([mixed])).toMatchObject([{ setting: { unattended: false } }]);
  });

  it('leaves out runs that have not ended', () => {
    expect(trendsOf([summarize(new Story().add(started()).events)])).toEqual([]);
  });

  it('has its values in the order of time, whatever the order given', () => {
    expect(trendsOf([ran(30, 2), ran(10, 0), ran(20, 1)])[0]!.rta.values).toEqual([10_000, 20_000, 30_000]);
  });

  it('counts verdicts; a run without a figure is no value', () => {
    expect(trendsOf([ran(10), ran(61, 1), ran(undefined, 2)])[0]!.rta).toMatchObject({
      values: [10_000, 61_000],
      verdicts: { met: 1, missed: 1, unproven: 1 },
      targetMs: 60_000,
      last: 61_000,
    });
  });

  it('leaves out a loss that was not measured to its end', () => {
    const objectives = { rpo: { targetMs: 60_000, evidence: 'heartbeat' } } as const;
    const story = new Story().add(
      started({ objectives }),
      { type: 'mark.set', mark: 'occurred', time: START, source: 'fault' },
      { type: 'recorded', key: 'a', name: 'recoveryPoint', value: { $time: '2026-11-22T14:54:59Z' } },
      finished(),
    );
    expect(trendsOf([summarize(story.events)])[0]!.rpa).toMatchObject({
      values: [],
      verdicts: { met: 0, missed: 0, unproven: 1 },
    });
  });

  it('has no percentile where nothing was measured', () => {
    const { rpa } = trendsOf([ran(10)])[0]!;
    expect(rpa).toEqual({ values: [], verdicts: { met: 0, missed: 0, unproven: 0 } });
  });

  it('holds the last against the median of those before', () => {
    expect(rta(10).direction).toBeUndefined();
    expect(rta(10, 10, 50, 8).direction).toBe('better');
    expect(rta(10, 10, 50, 12).direction).toBe('worse');
    expect(rta(10, 10, 50, 10.9).direction).toBe('steady');
  });

  it('has percentiles that were measured', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 59 }), { minLength: 1, maxLength: 20 }), (seconds) => {
        const { values, p50, p90 } = rta(...seconds);
        expect([p50, p90]).toEqual([percentile(values, 0.5), percentile(values, 0.9)]);
        expect(values).toContain(p90);
      }),
      { numRuns: 30 },
    );
  });

  it('is made of whatever a journal may hold', () => {
    fc.assert(fc.property(anyEvents, (events) => trendsOf([summarize(events)]).length <= 1));
  });
});
