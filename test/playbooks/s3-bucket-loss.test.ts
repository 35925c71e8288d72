import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, micros, rehearse } from '../rig/rehearsal.ts';

/** Of a database that is in use rows are deleted, with their objects; the replica hears of neither. */
const ERASED_THEN_LOST = `
version: 1
id: erased-then-lost
title: Videos were erased on purpose before the bucket was lost
summary: What was erased stays erased.
needs: [databases.main, buckets.videos, buckets.videosReplica]
inputs:
  lostAt: { prompt: When?, type: time }
rehearsals:
  lost:
    title: The bucket is deleted
    fault: { uses: s3.delete-bucket, with: { bucket: videos, replicationLag: 0s } }
    answers: { lostAt: "\${{ fault.at }}", "*": go }
steps:
  - id: forget
    title: Erase forty videos
    uses: sql.execute
    effect: destructive
    idempotent: true
    touches: \${{ env.databases.main }}
    with:
      database: \${{ env.databases.main }}
      statement: delete from videos where id in (select id from videos order by id limit 40)
  - id: recover
    title: Recover the bucket
    uses: playbook
    with:
      playbook: s3-bucket-loss
      inputs: { lostAt: "\${{ inputs.lostAt }}", newName: peakops-videos-again }
`;

/** Customers upload one video after the other: its object is there a moment before its row. */
const UNDER_WAY = 1;

describe('drillbook drill s3-bucket-loss', () => {
  test('out of the replica: nothing is lost, and the new bucket is protected', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, outputs, recorded, left } = await rehearse('s3-bucket-loss', {
      rehearsal: 'withReplica',
    });
    expect(exitCode).toBe(0);
    expect(proofs).toMatchObject({ keys: 'red', plays: 'red', holds: 'red' });
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(recorded['videosLost']).toBe(0);
    expect(outputs['keys']).toMatchObject({ missing: 0 });
    expect(outcomes).toMatchObject({
      whole: 'succeeded',
      bridged: 'succeeded',
      'replicateAgain/replicates': 'succeeded',
      uploads: 'succeeded',
    });
    expect(report.debts).toContainEqual(expect.objectContaining({ key: 'freeze', how: 'paid' }));
    expect(left).toEqual([]);
    // Nothing was erased, nothing came back, and with no weekly checks before the settings are those of the replica.
    expect(recorded).toMatchObject({ erasedInReplica: 0, settingsNotAsTheyWere: [] });
    expect(recorded['objectsOfNoRow']).toBeLessThanOrEqual(UNDER_WAY);
    expect(outputs['snapshot']).toMatchObject({ found: false });
    expect(outcomes['likeLost[cors]/set']).toBe('skipped');
  });

  test('the new bucket is set as the lost one was at the last weekly checks', { timeout: 2 * DRILL_MS }, async () => {
    const cwd = temporaryFolder();
    const weekly = await rehearse('weekly-checks', { rehearsal: 'asUsual', cwd });
    expect(weekly.exitCode).toBe(0);
    const { exitCode, outputs, recorded } = await rehearse('s3-bucket-loss', { rehearsal: 'withReplica', cwd });
    expect(exitCode).toBe(0);
    expect(outputs['snapshot']).toMatchObject({ found: true, output: weekly.outputs['settings[videos]/settings'] });
    // Of the replica it would have got none: S3 replicates no settings.
    expect(outputs['likeLost[cors]/set']).toMatchObject({ changed: ['cors'] });
    expect(recorded['settingsNotAsTheyWere']).toEqual([]);
  });

  test('what was erased on purpose, and is in the replica still, does not come back', { timeout: DRILL_MS }, async () => {
    const cwd = temporaryFolder();
    await mkdir(join(cwd, 'playbooks'));
    await writeFile(join(cwd, 'playbooks', 'erased-then-lost.yaml'), ERASED_THEN_LOST);
    const { exitCode, outputs } = await rehearse('erased-then-lost', { cwd });
    expect(exitCode).toBe(0);
    expect(outputs['recover/outlived']).toMatchObject({ extra: 40 });
    expect(outputs['recover/erase']).toMatchObject({ hidden: 40 });
    expect(outputs['recover/keys']).toMatchObject({ missing: 0 });
    expect(outputs['recover/keys']?.['extra']).toBeLessThanOrEqual(UNDER_WAY);
  });

  test('the replica was behind: the loss is dated by the oldest video that is missing', { timeout: DRILL_MS }, async () => {
    // What the last check found tells that nothing of it was missing before.
    const cwd = temporaryFolder();
    await rehearse('weekly-checks', { rehearsal: 'asUsual', cwd });
    const { exitCode, report, outcomes, recorded, counted } = await rehearse('s3-bucket-loss', { rehearsal: 'replicaBehind', cwd });
    expect(recorded['videosLost']).toBeGreaterThanOrEqual(1);
    expect(recorded['missingBefore']).toBe(0);
    expect(recorded['bytesAtLastCheck']).toBeGreaterThan(1_000_000);
    expect(report.objectives.rpo?.atLeast).toBeUndefined();
    expect(report.run.outcome).toBe('succeeded');
    expect(report.objectives.rpo?.verdict).toBe('missed');
    expect(report.objectives.rto?.verdict).toBe('unproven');
    // Not all is back; that uploads work again has a figure of its own.
    expect(outcomes['uploadsAgain']).toBe('succeeded');
    expect(recorded['uploadsAgainAfter']).toMatchObject({ $duration: expect.stringMatching(/s/) as string });
    // By the writer's own list: no upload that is lost lies outside of the window.
    expect(micros(report.objectives.rpo?.recoveryPointAt)).toBeLessThanOrEqual(counted?.uploads?.oldestLost ?? Infinity);
    expect(micros(report.objectives.rpo?.lostUntil)).toBeGreaterThanOrEqual(counted?.uploads?.newestLost ?? 0);
    expect(report.objectives.rpo?.actualMs).toBeLessThan(60_000);
    expect(exitCode).toBe(1);
  });

  test('without a replica: uploads work again, and nobody is told that nothing is lost', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, recorded, left } = await rehearse('s3-bucket-loss', {
      rehearsal: 'withoutReplica',
    });
    expect(outcomes).toMatchObject({ plays: 'succeeded', uploads: 'succeeded', holds: 'succeeded', otherCopies: 'succeeded', copy: 'skipped' });
    expect(outcomes['whole']).toBe('notAll');
    expect(recorded['videosLost']).toBeGreaterThanOrEqual(500);
    // Nothing tells what was missing before: the uploads of the writer that are gone are at least so much.
    expect(recorded['missingBefore']).toBeNull();
    expect(report.objectives.rpo?.atLeast).toBe(true);
    expect(report.run.outcome).toBe('succeeded');
    // Uploads work after seconds; everything is back never.
    expect(report.objectives.rto).toMatchObject({
      verdict: 'unproven',
      reason: expect.stringMatching(/^the mark verified was not reached; the mark serving was, .* after detected$/) as string,
    });
    expect(report.objectives.rto?.actualMs).toBeUndefined();
    expect(report.objectives.rpo?.verdict).toBe('missed');
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });
});
