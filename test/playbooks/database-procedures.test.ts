import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, LEFT_BEHIND, rehearse } from '../rig/rehearsal.ts';
import type { Report } from '../rig/rehearsal.ts';

/** Counted against the list of what was acknowledged to the application. */
const rowsLost = (report: Report & { readonly loss?: { readonly lost: number } }): number | undefined =>
  report.loss?.lost;

/** The recovery is through, and then somebody gives it up. */
const GIVEN_UP_LATE = `version: 1
id: given-up-late
title: A recovery that is given up when a service runs on the new database
summary: Nothing leads back to the old one any more.
needs: [databases.main]
inputs:
  at: { prompt: To which moment?, type: time }
rehearsals:
  droppedTable:
    title: A table is dropped
    fault: { uses: postgres.drop-table, with: { table: inspections, cascade: true } }
    answers: { at: '\${{ fault.at - duration("1s") }}', "*": go }
steps:
  - id: recover
    title: Recover
    uses: playbook
    with: { playbook: point-in-time-recovery, inputs: { at: "\${{ inputs.at }}" } }
  - id: change
    title: It was the wrong moment
    uses: assert
    with: {}
    assert: [{ that: "false", else: It was the wrong moment }]
    onFailure: abort
always:
  - id: written
    title: The database in use takes writes
    uses: sql.execute
    with: { database: "\${{ env.databases.main }}", statement: create table inspections_looked_at () }
    effect: write
    touches: "\${{ env.databases.main }}"
`;

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

  test('point-in-time-recovery: once a service runs on the new database, no undo leads back', { timeout: DRILL_MS }, async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'given-up-late.yaml'), GIVEN_UP_LATE);
    const { exitCode, report, outcomes, left } = await rehearse('given-up-late', { args: ['--playbooks', folder] });
    expect(exitCode).toBe(3);
    const undos = report.debts.filter(({ due }) => due === 'abort');
    expect(undos.map(({ key, how }) => `${key} ${how ?? ''}`).toSorted()).toEqual([
      'recover/stopWriters/readOnly void',
      'recover/switch[api]/switch void',
      'recover/switch[worker]/switch void',
      'recover/takeOver void',
    ]);
    expect(outcomes).toMatchObject({ 'always/written': 'succeeded' });
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
