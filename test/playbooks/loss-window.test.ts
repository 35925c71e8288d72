import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Json } from '../../engine/base/json.ts';
import { IS_DRAWN } from '../rig/drawn.ts';
import { Dice } from '../rig/mutation.ts';
import { DRILL_MS, derived, expectWindow, micros, rehearse, shipped } from '../rig/rehearsal.ts';
import type { Drilled } from '../rig/rehearsal.ts';
import { SEED } from '../rig/seed.ts';

/** Nobody notices at once: the application goes on writing until there are this many heartbeats, one a second. */
const noticedLate = (beats: number): string => `
  - id: noticedLate
    title: The writers go on
    uses: sql.query
    with:
      database: \${{ env.databases.main }}
      query: select count(*) as beats from heartbeats where at > $1
      params: ["\${{ now }}"]
    until: { that: "output.rows[0].beats >= ${String(beats)}", every: 500ms, timeout: 4m }
`;

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

interface Driven {
  readonly rehearsal: string;
  readonly change?: Readonly<Record<string, Json>>;
  readonly holds: (drilled: Drilled, beats: number) => void;
}

const SECOND = 1_000_000;

/** All that is written after the accident is thrown away with the database that is left. */
function losesAllSince(drilled: Drilled, beats: number): void {
  expectWindow(drilled);
  expect(drilled.report.objectives.rpo?.afterMs).toBeGreaterThan((beats - 1) * 1000);
  expect(drilled.counted?.lost).toBeGreaterThan(beats);
}

/** And it begins with the last heartbeat that was kept, one at most before the last row that was. */
function recoversToTheAccident(drilled: Drilled, beats: number): void {
  losesAllSince(drilled, beats);
  expect(micros(drilled.report.objectives.rpo?.recoveryPointAt)).toBeGreaterThan(
    (drilled.counted?.newestKept ?? 0) - 2 * SECOND,
  );
}

/** It begins with a backup of before the writer began its list. */
function restoresABackup(drilled: Drilled, beats: number): void {
  losesAllSince(drilled, beats);
  expect(drilled.counted).not.toHaveProperty('newestKept');
  expect(drilled.report.objectives.rpo?.actualMs).toBeGreaterThan(3_600_000);
}

/** Nothing failed: the newest dump came along, and all that was acknowledged since is left behind. */
function movesWithABackup(drilled: Drilled, beats: number): void {
  expectWindow(drilled);
  expect(drilled.report.objectives.rpo).not.toHaveProperty('afterMs');
  expect(drilled.counted?.lost).toBeGreaterThan(beats);
}

/** It says itself when it all counts as lost, and what was written from there until the writers were stopped counts too. */
function countsAsLostSinceTheDump(drilled: Drilled, beats: number): void {
  expectWindow(drilled);
  expect(drilled.report.objectives.rpo).toMatchObject({ endedBy: 'fenced' });
  expect(drilled.counted?.lost).toBeGreaterThan(beats);
}

/** Out of an export that is made behind the fence: all that was written came along. */
function takesAllAlong({ exitCode, report, counted }: Drilled, beats: number): void {
  expect(exitCode).toBe(0);
  expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
  expect(counted).toMatchObject({ lost: 0 });
  expect(counted?.acknowledged).toBeGreaterThan(beats);
}

/** What was written later is kept: the window ends with the accident. */
function keepsWhatCameLater({ exitCode, report, counted }: Drilled, beats: number): void {
  expect(exitCode).toBe(0);
  const { rpo } = report.objectives;
  expect(rpo).toMatchObject({ verdict: 'met', afterMs: 0, endedBy: 'occurred' });
  // All that came since would be a window longer than that; the copy and its newest heartbeat are of seconds before.
  expect(rpo?.actualMs).toBeLessThan(beats * 1000);
  expect(counted?.acknowledged).toBeGreaterThan(beats);
  expect(micros(rpo?.recoveryPointAt)).toBeLessThan(counted?.oldestLost ?? Infinity);
  expect(counted?.newestLost ?? 0).toBeLessThanOrEqual(micros(rpo?.lostUntil));
}

/** The bucket stays and takes every upload, a video a second. */
function keepsEveryUpload({ exitCode, report, counted }: Drilled, beats: number): void {
  expect(exitCode).toBe(0);
  expect(report.objectives.rpo).toMatchObject({ verdict: 'met', actualMs: 0 });
  expect(counted).toMatchObject({ lost: 0, uploads: { lost: 0 } });
  expect(counted?.uploads?.acknowledged).toBeGreaterThan(beats / 2);
}

/** Without a bucket no upload is acknowledged, however long it takes; those that are lost are of before. */
function losesNoUploadSince({ report, counted }: Drilled, beats: number): void {
  const { rpo } = report.objectives;
  expect(rpo).toMatchObject({ verdict: 'missed', afterMs: 0, endedBy: 'occurred' });
  expect(counted).toMatchObject({ lost: 0 });
  expect(counted?.acknowledged).toBeGreaterThan(beats);
  expect(counted?.uploads?.lost).toBeGreaterThan(0);
  expect(counted?.uploads?.oldestLost).toBeGreaterThanOrEqual(micros(rpo?.recoveryPointAt));
  expect(counted?.uploads?.newestLost).toBeLessThanOrEqual(micros(rpo?.lostUntil));
}

const DRIVEN: Readonly<Record<string, Driven>> = {
  'accidental-deletion': { rehearsal: 'insideWindow', holds: keepsWhatCameLater },
  'annual-drill': { rehearsal: 'nothingBroken', holds: movesWithABackup },
  'cross-region-failover': { rehearsal: 'nothingBroken', holds: movesWithABackup },
  'database-corruption': { rehearsal: 'wholeDatabase', holds: recoversToTheAccident },
  'full-database-restore': {
    rehearsal: 'late',
    change: deletion({ before: '${{ fault.at }}', source: 'backup' }),
    holds: restoresABackup,
  },
  'migrate-to-backup-region': { rehearsal: 'nothingBroken', holds: movesWithABackup },
  'point-in-time-recovery': {
    rehearsal: 'late',
    change: deletion({ at: '${{ fault.at - duration("1s") }}' }),
    holds: recoversToTheAccident,
  },
  'quarterly-drill': { rehearsal: 'nothingBroken', holds: countsAsLostSinceTheDump },
  's3-bucket-loss': { rehearsal: 'replicaBehind', holds: losesNoUploadSince },
  'service-migration': { rehearsal: 'nothingBroken', holds: takesAllAlong },
  'single-file-loss': { rehearsal: 'deletedFile', holds: keepsEveryUpload },
};

/** Where nobody is driven on, and why. */
const NOT_DRIVEN: Readonly<Record<string, string>> = {
  'complete-outage': 'nobody can write while all is down; its move is migrate-to-backup-region',
};

const MINUTE = 60;
/** Shows as much: the short form drives one playbook for a minute, which is drawn. */
const SECONDS = 8;
const drawn = new Dice(SEED).pick(Object.keys(DRIVEN));
const beatsOf = (playbook: string): number => (IS_DRAWN && playbook !== drawn ? SECONDS : MINUTE);

test.each(Object.entries(DRIVEN).map(([playbook, driven]) => [playbook, beatsOf(playbook), driven] as const))(
  'the loss window of %s, after %i seconds, is that of the writer’s own list',
  { timeout: DRILL_MS },
  async (playbook, beats, { rehearsal, change = {}, holds }) => {
    const { id, args } = derived(playbook, noticedLate(beats), { change });
    holds(await rehearse(id, { rehearsal, args }), beats);
  },
);

test('each shipped playbook with an RPO is driven, or says why not', () => {
  const folder = fileURLToPath(new URL('../../playbooks/', import.meta.url));
  const promising = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(?:procedures\/|checklists\/)?[a-z0-9-]+\.yaml$/.test(name))
    .filter((name) => /\brpo:/.test(readFileSync(join(folder, name), 'utf8')))
    .map((name) => basename(name, '.yaml'));
  expect(promising.toSorted()).toEqual([...Object.keys(DRIVEN), ...Object.keys(NOT_DRIVEN)].toSorted());
});
