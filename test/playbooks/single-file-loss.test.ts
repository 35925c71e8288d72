import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

/** A rehearsal, which of the checks shows its fault, and the steps that undo it. */
const REHEARSALS = [
  ['deletedFile', 'keys', ['putBack']],
  ['overwrittenFile', 'content', ['putBack']],
  ['deletedFolder', 'keys', ['undelete']],
  ['overwrittenFolder', 'content', ['putAllBack']],
  ['versionsGone', 'keys', ['fromReplica']],
] as const;

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

  test('many objects: only those that the fault hit are put back', { timeout: DRILL_MS }, async () => {
    const { outputs } = await rehearse('single-file-loss', { rehearsal: 'overwrittenFolder' });
    const { restored, unchanged, absent } = outputs['putAllBack']!;
    expect(restored).toBeGreaterThan(10);
    expect(unchanged).toBeGreaterThan(restored as number);
    expect(outputs['undelete']).toMatchObject({ restored: 0, lost: 0 });
    expect(absent).toBeGreaterThanOrEqual(0);
  });
});
