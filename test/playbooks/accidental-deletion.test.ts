import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill accidental-deletion', () => {
  test('inside the window: the rows come out of a copy of just before', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, outputs, recorded, left } = await rehearse(
      'accidental-deletion',
      { rehearsal: 'insideWindow' },
    );
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo?.verdict).toBe('met');
    expect(proofs).toEqual({ nothingMissing: 'notAimable' });
    expect(outcomes).toMatchObject({ 'hunt#1/recovered': 'succeeded', sequences: 'succeeded' });
    expect(recorded['rowsBack']).toBeGreaterThan(1500);
    expect(outputs['nothingMissing']).toMatchObject({ inserted: 0, conflicts: 0 });
    expect(report.debts).toContainEqual(expect.objectContaining({ key: 'hunt#1/recovered', how: 'paid' }));
    expect(left).toEqual([]);
  });

  test('outside the window: they come out of the newest dump from before', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, outputs, left } = await rehearse('accidental-deletion', {
      rehearsal: 'outsideWindow',
    });
    expect(exitCode).toBe(0);
    expect(report.objectives.rpo?.verdict).toBe('met');
    // The newest dump of the sandbox is six hours old.
    expect(report.objectives.rpo?.actualMs).toBeGreaterThan(6 * 3_600_000);
    expect(outcomes).toMatchObject({ 'fetch/fetchDump': 'succeeded', load: 'succeeded' });
    expect(outputs['nothingMissing']).toMatchObject({ inserted: 0 });
    expect(report.debts).toContainEqual(expect.objectContaining({ key: 'scratch', how: 'paid' }));
    expect(left).toEqual([]);
  });
});
