import { expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

test('drillbook drill configure-s3: what has drifted is named, set, and read back', { timeout: DRILL_MS }, async () => {
  const { exitCode, proofs, recorded, outputs, left } = await rehearse('configure-s3');
  expect(exitCode).toBe(0);
  // What writes is not tried on a broken world.
  expect(proofs).toEqual({ versions: 'red', replicates: 'red', arrives: 'notAimable' });
  expect(recorded['drift']).toEqual(
    expect.arrayContaining(['keeps no versions', 'old versions never end', 'not replicated']),
  );
  expect(recorded['changed']).toEqual(expect.arrayContaining(['versioning', 'lifecycle', 'cors']));
  expect(recorded['differences']).toContain('versioning: Suspended → Enabled');
  // What the replica had before stays: only what it lacked is added.
  expect(outputs['protectReplica']).toMatchObject({ changed: ['cors', 'lifecycle'] });
  expect(recorded['replicaDifferences']).not.toEqual(
    expect.arrayContaining([expect.stringContaining('ArchiveOldVersions')]),
  );
  expect(outputs['replicate']).toMatchObject({ changed: ['replication'] });
  expect(outputs['fill']).toMatchObject({ extra: 0 });
  expect(outputs['arrives']).toMatchObject({ behind: 0, left: [] });
  expect(left).toEqual([]);
});
