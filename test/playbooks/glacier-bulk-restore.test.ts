import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill glacier-bulk-restore', () => {
  test('what was archived is fetched, and stays because it is copied in place', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outputs, recorded, left } = await rehearse('glacier-bulk-restore');
    expect(exitCode).toBe(0);
    expect(proofs['classes']).toBe('red');
    const archived = recorded['archived'] as number;
    expect(archived).toBeGreaterThan(10);
    expect(outputs['fetch']).toMatchObject({ retrieved: archived, permanent: archived });
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(left).toEqual([]);
  });

  test('for a week: it can be read, and the original stays in the archive', { timeout: DRILL_MS }, async () => {
    const { exitCode, outcomes, outputs, recorded } = await rehearse('glacier-bulk-restore', {
      rehearsal: 'forAWeek',
    });
    expect(exitCode).toBe(0);
    expect(outputs['fetch']).toMatchObject({ retrieved: recorded['archived'], permanent: 0 });
    expect(outcomes['classes']).toBe('skipped');
    expect(outcomes['readable']).toBe('succeeded');
    expect(recorded['readableUntil']).toMatchObject({ $time: expect.any(String) as string });
  });
});
