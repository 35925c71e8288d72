import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, derived, rehearse } from '../rig/rehearsal.ts';

/** Somebody made an export this morning, after the daily dump. */
const EXPORTED_SINCE = `
  - id: exported
    title: An export that is newer than the newest dump
    uses: render.export-postgres
    with: { database: "\${{ env.databases.main }}" }
`;

describe('drillbook drill monthly-verification', () => {
  test('the newest dump is restored, masked, and held against the live database', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, outputs, recorded, left } = await rehearse('monthly-verification');
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({
      'restore/fetch': 'succeeded',
      'restore/fetchExport': 'skipped',
      'restore/mask': 'succeeded',
      fresh: 'succeeded',
    });
    expect(recorded['backup']).toMatch(/Z\.dump$/);
    expect(outputs['schema']).toMatchObject({ equal: true });
    // Nothing is in the copy alone, and what is newer is live alone.
    expect(outputs['rows']).toMatchObject({ equal: true, onlyLeft: 0 });
    expect(recorded['rowsNewer']).toBeGreaterThan(0);
    expect(outputs['maskedRows']).toMatchObject({ equal: true });
    expect(recorded).toMatchObject({ masked: 49, restoredBytesLastTime: null, databaseBytesLastTime: null });
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.debts).toContainEqual(expect.objectContaining({ key: 'restore/database', how: 'paid' }));
    expect(left).toEqual([]);
  });

  test('last time is known from the store, and typed by nobody', { timeout: 2 * DRILL_MS }, async () => {
    const cwd = temporaryFolder();
    const first = await rehearse('monthly-verification', { cwd });
    const second = await rehearse('monthly-verification', { cwd });
    expect(second.exitCode).toBe(0);
    expect(second.recorded).toMatchObject({
      restoredBytesLastTime: first.recorded['restoredBytes'] ?? null,
      databaseBytesLastTime: first.recorded['databaseBytes'] ?? null,
    });
    expect(second.recorded['restoredBytesLastTime']).toBeGreaterThan(1_000_000);
  });

  test('an export that is newer than the newest dump is taken instead', { timeout: DRILL_MS }, async () => {
    const { id, args } = derived('monthly-verification', EXPORTED_SINCE);
    const { exitCode, outcomes, outputs, recorded, left } = await rehearse(id, { args });
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ 'restore/fetchExport': 'succeeded', 'restore/fetch': 'skipped' });
    expect(recorded['backup']).not.toMatch(/\.dump$/);
    expect(outputs['rows']).toMatchObject({ equal: true, onlyLeft: 0 });
    expect(left).toEqual([]);
  });
});
