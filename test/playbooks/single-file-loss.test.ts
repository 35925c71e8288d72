import { describe, expect, test } from 'vitest';
import { DRILL_MS, derived, rehearse } from '../rig/rehearsal.ts';

/** A rehearsal, which of the checks shows its fault, and the steps that undo it. */
const REHEARSALS = [
  ['deletedFile', 'keys', ['putBack']],
  ['overwrittenFile', 'content', ['putBack']],
  ['deletedFolder', 'keys', ['undelete']],
  ['overwrittenFolder', 'content', ['putAllBack']],
  ['versionsGone', 'keys', ['fromReplica']],
] as const;

const OLD_ORPHAN = `
  - id: orphan
    uses: sql.execute
    effect: write
    idempotent: true
    touches: \${{ env.databases.main }}
    with:
      database: \${{ env.databases.main }}
      statement: >-
        insert into videos (inspection_id, key, created_at)
        select min(id), 'uploads/1240/orphan.mp4', now() - interval '40 days' from inspections
`;

describe('drillbook drill single-file-loss', () => {
  test.each(REHEARSALS)('%s: the check "%s" is red, and green after %j', { timeout: DRILL_MS }, async (
    rehearsal,
    check,
    recovers,
  ) => {
    const { exitCode, report, proofs, outcomes, recorded, left } = await rehearse('single-file-loss', {
      rehearsal,
    });
    expect(exitCode).toBe(0);
    expect(proofs[check]).toBe('red');
    for (const step of recovers) expect(outcomes[step]).toBe('succeeded');
    expect(report.objectives.rto?.verdict).toBe('met');
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
    expect(recorded['filesLost']).toBe(0);
    expect(left).toEqual([]);
  });

  test('a video whose upload failed weeks ago stands in the way of nothing', { timeout: DRILL_MS }, async () => {
    const { id, args } = derived('single-file-loss', OLD_ORPHAN);
    const { exitCode, report, recorded, outcomes } = await rehearse(id, { rehearsal: 'deletedFolder', args });
    expect(exitCode).toBe(0);
    expect(outcomes['fromReplica']).toBe('skipped');
    expect(recorded).toMatchObject({ missingBefore: 1, filesLost: 0 });
    expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
  });

  test('many objects: only those that the fault hit are put back', { timeout: DRILL_MS }, async () => {
    const { outputs } = await rehearse('single-file-loss', { rehearsal: 'overwrittenFolder' });
    const { restored, unchanged, absent } = outputs['putAllBack']!;
    expect(restored).toBeGreaterThan(10);
    expect(unchanged).toBeGreaterThan(restored as number);
    expect(outputs['undelete']).toMatchObject({ restored: 0, lost: 0 });
    expect(absent).toBeGreaterThanOrEqual(0);
  });
});
