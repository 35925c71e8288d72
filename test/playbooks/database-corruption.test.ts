import { describe, expect, test } from 'vitest';
import { DRILL_MS, LEFT_BEHIND, rehearse } from '../rig/rehearsal.ts';
import type { Report } from '../rig/rehearsal.ts';

/** Counted against the list of what was acknowledged to the application. */
const rowsLost = (report: Report & { readonly loss?: { readonly lost: number } }): number | undefined =>
  report.loss?.lost;

describe('drillbook drill database-corruption', () => {
  test('some tables: they are filled again, and nothing is lost', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, outputs, recorded, left } = await rehearse(
      'database-corruption',
      { rehearsal: 'someTables' },
    );
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: 'fenced' });
    expect(report.objectives.rpo?.afterMs).toBeGreaterThan(0);
    expect(proofs).toMatchObject({ 'application/health': 'red', 'application/tables': 'red' });
    expect(outcomes).toMatchObject({
      'read[inspections]/rows': 'damaged',
      'read[videos]/rows': 'succeeded',
      prove: 'succeeded',
      'application/worker': 'succeeded',
    });
    expect(outputs['nothingMissing']).toMatchObject({ onlyLeft: 0 });
    expect(JSON.stringify(recorded['salvaged'])).toMatch(/\d+ of \d+ pages could not be read/);
    // Pages that could not be read hold rows of before only: those came back out of the copy.
    expect(rowsLost(report)).toBeLessThanOrEqual(5);
    expect(report.debts.map(({ key, how }) => `${key} ${String(how)}`).sort()).toEqual([
      'copy paid',
      'openLive paid',
      'stopWriters/stop[api]/stop settled',
      'stopWriters/stop[worker]/stop settled',
    ]);
    expect(left).toEqual([]);
  });

  test('the whole database: it is recovered to just before', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, left } = await rehearse('database-corruption', {
      rehearsal: 'wholeDatabase',
    });
    expect(exitCode).toBe(0);
    expect(report.objectives.rto?.verdict).toBe('met');
    // What was written until the services were gone is lost with the old database, and counts.
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', endedBy: LEFT_BEHIND });
    expect(report.objectives.rpo?.afterMs).toBeGreaterThan(0);
    expect(proofs).toMatchObject({
      'application/tables': 'red',
      'application/health': 'red',
      'application/worker': 'red',
    });
    expect(outcomes).toMatchObject({ 'wholeDatabase/restore': 'succeeded', done: 'succeeded' });
    expect(left).toEqual([]);
  });
});
