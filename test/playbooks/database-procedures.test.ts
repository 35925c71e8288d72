import { describe, expect, test } from 'vitest';
import { DRILL_MS, LEFT_BEHIND, rehearse } from '../rig/rehearsal.ts';
import type { Report } from '../rig/rehearsal.ts';

/** Counted against the list of what was acknowledged to the application. */
const rowsLost = (report: Report & { readonly loss?: { readonly lost: number } }): number | undefined =>
  report.loss?.lost;

describe('the procedures that the database playbooks call, each alone', () => {
  test('point-in-time-recovery: a dropped table is back', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, left } = await rehearse('point-in-time-recovery');
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: LEFT_BEHIND });
    expect(proofs).toMatchObject({ 'application/tables': 'red', 'application/worker': 'red' });
    expect(outcomes).toMatchObject({ 'stopWriters/closed': 'succeeded', 'switch[worker]/switch': 'succeeded' });
    expect(left).toEqual([]);
  });

  test('full-database-restore: out of the newest dump from before', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, left } = await rehearse('full-database-restore', {
      rehearsal: 'outsideWindow',
    });
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: LEFT_BEHIND });
    expect(report.objectives.rpo?.actualMs).toBeGreaterThan(6 * 3_600_000);
    expect(proofs).toMatchObject({ 'application/health': 'red', 'application/tables': 'red' });
    expect(outcomes).toMatchObject({ before: 'succeeded', 'fetch/fetchDump': 'succeeded', restore: 'succeeded' });
    expect(left).toEqual([]);
  });

  test('full-database-restore: by way of an export made now, nothing is lost', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, left } = await rehearse('full-database-restore', {
      rehearsal: 'exportNow',
    });
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ before: 'succeeded', makeExport: 'succeeded', restore: 'succeeded' });
    expect(rowsLost(report)).toBe(0);
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(left).toEqual([]);
  });

  test('verify-application: changes nothing, and sees that all is well', { timeout: DRILL_MS }, async () => {
    const { exitCode, outcomes, left } = await rehearse('verify-application');
    expect(exitCode).toBe(0);
    const looks = { 'pages[Recent%20inspections%20are%20shown]/pages': 'succeeded', login: 'succeeded', worker: 'succeeded', tables: 'succeeded' };
    expect(outcomes).toMatchObject({ health: 'succeeded', ...looks, byHand: 'skipped' });
    expect(left).toEqual([]);
  });
});
