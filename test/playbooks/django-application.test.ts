// @module-tag needs/redis-server
// @module-tag needs/python3-django
// @module-tag needs/python3-psycopg2
// @module-tag needs/python3-boto3
// @module-tag needs/python3-celery
// @module-tag needs/python3-redis
// @module-tag needs/python3-gunicorn
import { describe, expect, test } from 'vitest';
import { DRILL_MS, derived, rehearse } from '../rig/rehearsal.ts';

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

test('what writes besides moves to the other region with its standby', { timeout: DRILL_MS }, async () => {
  const { id, args } = derived('migrate-to-backup-region', '[]', { always: AFTERWARDS });
  const { exitCode, outcomes, left } = await rehearse(id, {
    rehearsal: 'nothingBroken',
    args: [...args, '--world', 'peakops-django'],
  });
  expect(exitCode).toBe(0);
  expect(outcomes).toMatchObject({
    'stopWriters/stop[digests]/stop': 'succeeded',
    'startOthers[digests]/startOther': 'succeeded',
    others: 'skipped',
    'always/digestsGoOn': 'succeeded',
  });
  expect(left).toEqual([]);
});

/** The workers fall behind, while customers go on uploading: tasks of rows that are no more after going back. */
const BEHIND = `
  - id: workersStop
    title: The workers stop
    uses: render.suspend
    with: { service: "\${{ env.services.worker }}" }
  - id: behind
    title: Uploads leave their tasks in the queue
    uses: redis.inspect
    with: { redis: "\${{ env.redis.queue }}", queues: [celery] }
    until: { that: "output.queues[0].length >= 2", every: 500ms, timeout: 1m }
`;

/** Where the recovery has ended. */
const AFTERWARDS = `
  - id: digestsGoOn
    title: What writes besides does so into the new database
    uses: sql.query
    with: { database: "\${{ env.databases.main }}", query: "select max(sent_at) > now() - interval '3 s' as fresh from pulse_digest" }
    until: { that: "output.rows[0].fresh == true", every: 500ms, timeout: 1m }
`;

const DELETED = {
  detect: [],
  rehearsals: {
    deletedVideos: {
      title: 'Some of the videos are deleted; uploads go on',
      fault: { uses: 'postgres.delete-rows', with: { table: 'videos', share: 0.1 } },
      answers: { at: '${{ fault.at - duration("1s") }}', '*': 'go' },
    },
  },
};

test('tasks of rows that are no more are removed into a file, and all that writes goes on', { timeout: DRILL_MS }, async () => {
  const { id, args } = derived('point-in-time-recovery', BEHIND, { always: AFTERWARDS, change: DELETED });
  const { report, outcomes, outputs, recorded, left } = await rehearse(id, {
    args: [...args, '--world', 'peakops-django'],
  });
  expect(report.run.outcome).toBe('succeeded');
  const [queue] = recorded['tasksWaiting'] as readonly { readonly length: number }[];
  expect(queue?.length).toBeGreaterThanOrEqual(2);
  expect(outputs['afterGoingBack/purge[celery]/purge']).toMatchObject({ purged: queue?.length });
  expect(outcomes).toMatchObject({
    'stopWriters/stop[digests]/stop': 'succeeded',
    'always/digestsGoOn': 'succeeded',
  });
  expect(left).toEqual([]);
});
