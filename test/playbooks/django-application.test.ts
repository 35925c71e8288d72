// @module-tag needs/redis-server
// @module-tag needs/python3-django
// @module-tag needs/python3-psycopg2
// @module-tag needs/python3-boto3
// @module-tag needs/python3-celery
// @module-tag needs/python3-redis
// @module-tag needs/python3-gunicorn
import { describe, expect, test } from 'vitest';
import { DRILL_MS, rehearse } from '../rig/rehearsal.ts';

// The same playbooks, on programs that drillbook did not write: Django behind gunicorn, Celery, Redis.
const REHEARSALS = [
  ['database-corruption', 'wholeDatabase'],
  ['database-corruption', 'someTables'],
  ['accidental-deletion', 'insideWindow'],
  ['s3-bucket-loss', 'withReplica'],
  ['verify-application', 'soundWorld'],
] as const;

describe('with PeakOps in Django', () => {
  test.each(REHEARSALS)('%s (%s)', { timeout: DRILL_MS }, async (playbook, rehearsal) => {
    const { exitCode, report, outcomes, left } = await rehearse(playbook, {
      rehearsal,
      args: ['--world', 'peakops-django'],
    });
    expect(exitCode).toBe(0);
    expect(report.run).toMatchObject({ outcome: 'succeeded', world: 'peakops-django' });
    expect(report.objectives.rto?.verdict ?? 'met').toBe('met');
    expect(left).toEqual([]);
    // It says how one logs in, so that nobody is asked to try by hand.
    const logins = Object.keys(outcomes).filter((key) => /(?:^|\/)login$/.test(key));
    for (const key of logins) expect(outcomes[key]).toBe('succeeded');
  });
});
