import { expect, test } from 'vitest';
import type { Json } from '../../engine/base/json.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { LossCounted } from '../../engine/model/evidence-event.ts';
import { DRILL_MS, derived, rehearse, shipped } from '../rig/rehearsal.ts';
import type { Report } from '../rig/rehearsal.ts';

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

/**
 * Rows are deleted by mistake, and the application goes on as if nothing were: no page of it is red, so the
 * share of rows that is gone is what is noticed. `answers` beside: go at every gate.
 */
const deletion = (answers: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> => ({
  detect: shipped('accidental-deletion')['detect'] ?? null,
  rehearsals: {
    late: {
      title: 'A third of the inspections is deleted, and the writers go on',
      fault: { uses: 'postgres.delete-rows', with: { table: 'inspections', share: 0.3, cascade: true } },
      answers: { ...answers, '*': 'go' },
    },
  },
});

/** By the writer's own list: it ends with the last row that was thrown away, and all that is lost lies in it. */
function expectWholeWindow({ objectives: { rpo } }: Report, counted: LossCounted | undefined): void {
  expect(rpo?.verdict).toBe('met');
  expect(rpo?.afterMs).toBeGreaterThan((BEATS - 1) * 1000);
  expect(counted?.lost).toBeGreaterThan(BEATS);
  expect(micros(rpo?.recoveryPointAt)).toBeLessThan(counted?.oldestLost ?? 0);
  const end = micros(rpo?.lostUntil);
  expect(end).toBeGreaterThanOrEqual(counted?.newestLost ?? Infinity);
  expect(end).toBeLessThan((counted?.newestLost ?? 0) + SECOND);
}

test.each([
  ['database-corruption', 'wholeDatabase', {}],
  ['point-in-time-recovery', 'late', deletion({ at: '${{ fault.at - duration("1s") }}' })],
] as const)(
  'the loss window of %s is that of the writer’s own list',
  { timeout: DRILL_MS },
  async (playbook, rehearsal, change) => {
    const { id, args } = derived(playbook, NOTICED_LATE, change);
    const { report, counted } = await rehearse(id, { rehearsal, args });
    expectWholeWindow(report, counted);
    // It begins with the last heartbeat that was kept, one at most before the last row.
    expect(micros(report.objectives.rpo?.recoveryPointAt)).toBeGreaterThan(
      (counted?.newestKept ?? 0) - 2 * SECOND,
    );
  },
);

test('that of full-database-restore begins with the backup, before the writer began its list', { timeout: DRILL_MS }, async () => {
  const { id, args } = derived('full-database-restore', NOTICED_LATE, deletion({ before: '${{ fault.at }}', source: 'backup' }));
  const { report, counted } = await rehearse(id, { rehearsal: 'late', args });
  expectWholeWindow(report, counted);
  expect(counted).not.toHaveProperty('newestKept');
  expect(report.objectives.rpo?.actualMs).toBeGreaterThan(3_600_000);
});

test('that of accidental-deletion ends with the accident: what is written later is kept', { timeout: DRILL_MS }, async () => {
  const { id, args } = derived('accidental-deletion', NOTICED_LATE);
  const { exitCode, report, counted } = await rehearse(id, { rehearsal: 'insideWindow', args });
  expect(exitCode).toBe(0);
  const { rpo } = report.objectives;
  expect(rpo).toMatchObject({ verdict: 'met', afterMs: 0, endedBy: 'occurred' });
  // The copy is of a second before, and its newest heartbeat a second older at most.
  expect(rpo?.actualMs).toBeLessThan(3000);
  expect(counted?.acknowledged).toBeGreaterThan(BEATS);
  expect(micros(rpo?.recoveryPointAt)).toBeLessThan(counted?.oldestLost ?? Infinity);
  expect(counted?.newestLost ?? 0).toBeLessThanOrEqual(micros(rpo?.lostUntil));
});
