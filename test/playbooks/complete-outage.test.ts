import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill complete-outage', () => {
  test('all of Render is down: wait and tell, and nothing is lost', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, left } = await rehearse('complete-outage', {
      rehearsal: 'providerWide',
    });
    expect(exitCode).toBe(0);
    expect(proofs).toMatchObject({ public: 'red', 'move/application/health': 'red' });
    expect(outcomes).toMatchObject({ telling: 'succeeded', waiting: 'succeeded', intact: 'succeeded' });
    expect(outcomes).not.toHaveProperty('move/create');
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(left).toEqual([]);
  });

  test('only our service is down: restart it, and support puts it right', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, proofs, left } = await rehearse('complete-outage', {
      rehearsal: 'serviceSpecific',
    });
    expect(exitCode).toBe(0);
    // The database was whole all the time: what proves the end is that customers get through again.
    expect(proofs).toMatchObject({ public: 'red', 'move/application/tables': 'green' });
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(outcomes).toMatchObject({
      'assess/application/page': 'down',
      'assess/database/database': 'succeeded',
      restart: 'refused',
      support: 'succeeded',
      answered: 'succeeded',
    });
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(left).toEqual([]);
  });

  test('it takes too long: the service moves to the backup region', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, outputs, left } = await rehearse('complete-outage', {
      rehearsal: 'prolonged',
    });
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ waiting: 'failed', 'move/arrived': 'succeeded' });
    expect(outputs['move/create']).toMatchObject({ region: 'virginia' });
    // It promises less than waiting: what the newest dump lacks is lost, and says so.
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: 'fenced' });
    expect(report.objectives.rpo?.actualMs).toBeGreaterThan(6 * 3_600_000);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(left).toEqual([]);
  });
});
