import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill s3-bucket-loss', () => {
  test('out of the replica: nothing is lost, and the new bucket is protected', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, proofs, outcomes, outputs, recorded, left } = await rehearse('s3-bucket-loss', {
      rehearsal: 'withReplica',
    });
    expect(exitCode).toBe(0);
    expect(proofs).toMatchObject({ keys: 'red', plays: 'red' });
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(recorded['videosLost']).toBe(0);
    expect(outputs['keys']).toMatchObject({ missing: 0 });
    expect(outcomes).toMatchObject({ bridged: 'succeeded', 'replicateAgain/replicates': 'succeeded' });
    expect(report.debts).toContainEqual(expect.objectContaining({ key: 'freeze', how: 'paid' }));
    expect(left).toEqual([]);
  });

  test('the replica was behind: the loss is dated by the oldest video that is missing', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, recorded } = await rehearse('s3-bucket-loss', { rehearsal: 'replicaBehind' });
    expect(recorded['videosLost']).toBeGreaterThanOrEqual(1);
    expect(report.run.outcome).toBe('succeeded');
    expect(report.objectives.rpo?.verdict).toBe('missed');
    expect(report.objectives.rpo?.actualMs).toBeLessThan(60_000);
    expect(exitCode).toBe(1);
  });

  test('without a replica: uploads work again, and nobody is told that nothing is lost', { timeout: DRILL_MS }, async () => {
    const { exitCode, report, outcomes, recorded, left } = await rehearse('s3-bucket-loss', {
      rehearsal: 'withoutReplica',
    });
    expect(outcomes).toMatchObject({ plays: 'succeeded', otherCopies: 'succeeded', copy: 'skipped' });
    expect(recorded['videosLost']).toBeGreaterThanOrEqual(500);
    expect(report.run.outcome).toBe('succeeded');
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo?.verdict).toBe('missed');
    expect(exitCode).toBe(1);
    expect(left).toEqual([]);
  });
});
