import { expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

test('drillbook drill monthly-verification: an export is restored, and held against the live database row by row', { timeout: DRILL_MS }, async () => {
  const { exitCode, report, outputs, recorded, left } = await rehearse('monthly-verification');
  expect(exitCode).toBe(0);
  expect(outputs['schema']).toMatchObject({ equal: true });
  expect(outputs['rows']).toMatchObject({ equal: true, onlyLeft: 0, differing: 0 });
  expect(recorded['exportBytes']).toBeGreaterThan(100_000);
  expect(recorded['restored']).toMatchObject({ users: 50 });
  expect(report.objectives.rto?.verdict).toBe('met');
  expect(left).toEqual([]);
});
