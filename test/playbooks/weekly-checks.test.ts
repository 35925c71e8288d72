import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill weekly-checks', () => {
  test('a bucket that somebody tidied up is found and put right', { timeout: DRILL_MS }, async () => {
    const { exitCode, proofs, outcomes, left } = await rehearse('weekly-checks', { rehearsal: 'drift' });
    expect(exitCode).toBe(0);
    expect(proofs).toMatchObject({ versioning: 'red', encryption: 'red', retentionActive: 'red' });
    expect(outcomes).toMatchObject({ bucket: 'drift', 'putRight/protect': 'succeeded' });
    expect(left).toEqual([]);
  });

  test('where nothing has happened, the facts of the week are on record', { timeout: DRILL_MS }, async () => {
    const { exitCode, recorded, outputs } = await rehearse('weekly-checks', { rehearsal: 'asUsual' });
    expect(exitCode).toBe(0);
    expect(recorded['databaseBytes']).toBeGreaterThan(1_000_000);
    expect(recorded['versionBytes']).toBeGreaterThan(1_000_000);
    expect(recorded['recoverableSince']).toMatchObject({ $time: expect.any(String) as string });
    expect(recorded['erasedInReplica']).toBe(0);
    expect(outputs['arrives']).toMatchObject({ behind: 0, left: [] });
    for (const [bucket, name] of Object.entries({
      videos: 'peakops-videos',
      videosReplica: 'peakops-videos-replica',
      dumps: 'peakops-dumps',
    })) {
      expect(outputs[`settings[${bucket}]/settings`]).toMatchObject({ name, versioning: 'Enabled', unreadable: {} });
    }
  });
});
