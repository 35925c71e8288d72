import { existsSync } from 'node:fs';
import type { Instant } from '../base/instant.ts';
import { idsIn } from '../load/library.ts';
import type { Loaded } from '../load/playbook.ts';
import { occurrences } from '../load/recurrence.ts';
import { loadSchedule } from '../load/schedule.ts';
import type { Known } from '../load/schedule.ts';
import { dueStatus } from '../measure/due.ts';
import type { DueStatus } from '../measure/due.ts';
import type { RunSummary } from '../measure/summary.ts';
import { proofOf } from '../model/backup.ts';
import type { Schedule } from '../model/schedule.ts';
import type { SourceFile } from '../source/file.ts';
import { beside, countedPlaybooks } from './folder.ts';
import { environmentNames, expectLoaded, readFileOrFail } from './loading.ts';
import { SHIPPED_PLAYBOOKS } from './paths.ts';
import { backupNames } from './prove/backups.ts';

/** The schedule of the folder; undefined when there is none. */
export async function findSchedule(folder: string): Promise<Schedule | undefined> {
  const path = beside(folder, 'schedule.yaml');
  if (!existsSync(path)) return undefined;
  const file = await readFileOrFail(path);
  return expectLoaded(await loadScheduleFile(file, folder), file);
}

export const loadScheduleFile = async (file: SourceFile, folder: string): Promise<Loaded<Schedule>> =>
  loadSchedule(file, await knownNames(folder));

/** The playbooks and environments that count; the proof of a backup is one by its id. */
export async function knownNames(folder: string): Promise<Known> {
  return {
    playbooks: [...(await countedPlaybooks(folder).ids()), ...backupNames(folder).map(proofOf)],
    examples: idsIn([SHIPPED_PLAYBOOKS]),
    environments: ['sandbox', ...environmentNames(folder)],
  };
}

export const statusesOf = (
  { entries, zone }: Schedule,
  runs: readonly RunSummary[],
  now: Instant,
): readonly DueStatus[] =>
  entries.map((entry) => dueStatus(entry, occurrences(entry.rule, entry.from), runs, { now, zone }));
