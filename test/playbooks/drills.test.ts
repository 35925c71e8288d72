import { describe, expect, test } from 'vitest';
import { DRILL_MS, LEFT_BEHIND, expectWindow, rehearse } from '../rig/rehearsal.ts';

describe('the drills of the schedule', () => {
  test('quarterly-drill: database and files are restored and measured', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, outputs, recorded, left } = await rehearse('quarterly-drill');
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo?.verdict).toBe('met');
    expect(outputs['videos']).toMatchObject({ missing: 0 });
    // The newest dump is six hours old, and knows the videos of then.
    expect(recorded['videosRestored']).toBeGreaterThanOrEqual(490);
    expect(recorded).toMatchObject({ videosMissing: 0, masked: 49 });
    expect(outcomes).toMatchObject({ 'restore/mask': 'succeeded', database: 'succeeded', filesMeasured: 'succeeded' });
    expect(recorded['findings']).toEqual([]);
    expect(left).toEqual([]);
  });

  test('annual-drill: migration, failover, review and training', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outputs, outcomes, recorded, counted, left } = await rehearse('annual-drill');
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    // Of the failover, out of a dump of hours ago.
    expectWindow({ report, counted });
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: LEFT_BEHIND });
    expect(outcomes).toMatchObject({
      'migration/move/restore': 'succeeded',
      'failover/move/arrived': 'succeeded',
      'review/compliance': 'succeeded',
      'training/access': 'succeeded',
    });
    expect(outputs['failover/move/create']).toMatchObject({ region: 'virginia' });
    expect(recorded['trained']).toEqual(['on-call engineer']);
    expect(left).toEqual([]);
  });
});
