import { expect, test } from 'vitest';
import { Instant } from '../../engine/base/instant.ts';
import { DRILL_MS, derived, rehearse } from '../rig/rehearsal.ts';

/** Nobody notices at once: the application goes on writing until there are this many heartbeats, one a second. */
const BEATS = 8;
const NOTICED_LATE = `
  - id: noticedLate
    title: The writers go on after the accident
    uses: sql.query
    with:
      database: \${{ env.databases.main }}
      query: select count(*) as beats from heartbeats where at > $1
      params: ["\${{ run.occurredAt }}"]
    until: { that: "output.rows[0].beats >= ${BEATS}", every: 500ms, timeout: 2m }
`;

const SECOND = 1_000_000;

const micros = (time: string | undefined): number => Instant.parse(time ?? '')?.epochMicros ?? 0;

test('the loss window is that of the writer’s own list', { timeout: DRILL_MS }, async () => {
  const { id, args } = derived('database-corruption', NOTICED_LATE);
  const { report, counted } = await rehearse(id, { rehearsal: 'wholeDatabase', args });
  const { rpo } = report.objectives;
  expect(rpo?.verdict).toBe('met');
  expect(rpo?.afterMs).toBeGreaterThan((BEATS - 1) * 1000);
  expect(counted?.lost).toBeGreaterThan(BEATS);
  // It begins with the last heartbeat that was kept, one at most before the last row, and before all that is lost.
  const begin = micros(rpo?.recoveryPointAt);
  expect(begin).toBeLessThan(counted?.oldestLost ?? 0);
  expect(begin).toBeGreaterThan((counted?.newestKept ?? 0) - 2 * SECOND);
  // It ends with the last row that was thrown away.
  const end = micros(rpo?.lostUntil);
  expect(end).toBeGreaterThanOrEqual(counted?.newestLost ?? Infinity);
  expect(end).toBeLessThan((counted?.newestLost ?? 0) + SECOND);
});
