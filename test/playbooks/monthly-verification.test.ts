import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill monthly-verification', () => {
  test('an export is restored, and held against the live database row by row', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, outputs, recorded, left } = await rehearse('monthly-verification');
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ intoStaging: 'succeeded', mask: 'succeeded' });
    expect(outputs['schema']).toMatchObject({ equal: true });
    expect(outputs['rows']).toMatchObject({ equal: true, onlyLeft: 0, differing: 0 });
    expect(recorded['exportBytes']).toBeGreaterThan(100_000);
    expect(recorded['restored']).toContainEqual(expect.objectContaining({ table: 'users', rows: 50, state: 'fine' }));
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(left).toEqual([]);
  });

  test('a database made for it is deleted at the end', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, left } = await rehearse('monthly-verification', {
      rehearsal: 'temporary',
    });
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ intoTemporary: 'succeeded' });
    expect(outcomes).not.toHaveProperty('mask');
    expect(report.debts).toContainEqual(expect.objectContaining({ key: 'temporary', how: 'paid' }));
    expect(left).toEqual([]);
  });
});
