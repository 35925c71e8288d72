import { describe, expect, test } from 'vitest';
import { DRILL_MS, LEFT_BEHIND, expectWindow, rehearse } from '../rig/rehearsal.ts';

const HOUR_MS = 3_600_000;

describe('what the outage and the yearly tests call, each alone', () => {
  test('fetch-backup: the newest dump is on this machine', { timeout: DRILL_MS }, async () => {
    const { exitCode, outputs, left } = await rehearse('fetch-backup');
    expect(exitCode).toBe(0);
    expect(outputs['fetchDump']?.['path']).toMatch(/Z\.dump$/);
    expect(left).toEqual([]);
  });

  test.each(['migrate-to-backup-region', 'cross-region-failover'])(
    '%s: the service runs in the other region',
    { timeout: DRILL_MS },
    async (playbook) => {
      const { exitCode, report, outcomes, counted, left } = await rehearse(playbook);
      expect(exitCode).toBe(0);
      expect(report.objectives.rto?.verdict).toBe('met');
      expectWindow({ report, counted });
      // Nothing failed: from the newest row of the dump to the newest that was left behind, hours later.
      expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: LEFT_BEHIND });
      expect(report.objectives.rpo?.actualMs).toBeGreaterThan(HOUR_MS);
      expect(Object.entries(outcomes).filter(([key]) => key.endsWith('application/worker'))).toEqual([
        [expect.anything(), 'succeeded'],
      ]);
      expect(left).toEqual([]);
    },
  );

  test('service-migration: the service runs on a new database', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, counted, left } = await rehearse('service-migration');
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    // The export was made behind the fence.
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(counted).toMatchObject({ lost: 0 });
    expect(outcomes).toMatchObject({ before: 'succeeded', 'move/restore': 'succeeded', after: 'succeeded' });
    expect(left).toEqual([]);
  });

  test.each(['documentation-review', 'team-training'])(
    '%s: every point is gone through',
    { timeout: DRILL_MS },
    async (playbook) => {
      const { exitCode, outcomes } = await rehearse(playbook);
      expect(exitCode).toBe(0);
      expect(new Set(Object.values(outcomes))).toEqual(new Set(['succeeded']));
    },
  );
});
