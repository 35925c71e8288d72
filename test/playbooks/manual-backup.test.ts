import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

describe('drillbook drill manual-backup', () => {
  test.each([
    ['export', /^dpg-.*\/\d{4}-\d\d-\d\dT\d\d:\d\dZ/, 'export'],
    ['download', /^dpg-.*\/\d{4}-\d\d-\d\dT\d\d:\d\dZ/, 'download'],
    ['dump', /\/backup$/, 'dump'],
  ])('%s: there is a backup, with its id and its reason', { timeout: DRILL_MS }, async (rehearsal, id, step) => {
    const { exitCode, outcomes, recorded, left } = await rehearse('manual-backup', { rehearsal });
    expect(exitCode).toBe(0);
    expect(outcomes[step]).toBe('succeeded');
    expect(recorded).toMatchObject({ reason: 'Rehearsal', backupId: expect.stringMatching(id) as string });
    if (rehearsal !== 'export') expect(recorded['sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(left).toEqual([]);
  });
});
