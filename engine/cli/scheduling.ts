import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../base/instant.ts';
import { folderLibrary } from '../load/library.ts';
import { readSource } from '../load/read-source.ts';
import type { Loaded } from '../load/playbook.ts';
import { occurrences } from '../load/recurrence.ts';
import { loadSchedule } from '../load/schedule.ts';
import type { Known } from '../load/schedule.ts';
import { dueStatus } from '../measure/due.ts';
import type { DueStatus } from '../measure/due.ts';
import type { RunSummary } from '../measure/summary.ts';
import type { Schedule } from '../model/schedule.ts';
import type { SourceFile } from '../source/file.ts';
import { expectLoaded } from './loading.ts';
import { playbookFolders } from './paths.ts';

/** The schedule beside the team's own playbooks, else the shipped one; undefined when there is none. */
export async function findSchedule(folder: string): Promise<Schedule | undefined> {
  const path = playbookFolders(folder)
    .map((base) => join(base, 'schedule.yaml'))
    .find((candidate) => existsSync(candidate));
  const file = path === undefined ? undefined : await readSource(path);
  if (file?.ok !== true) return undefined;
  return expectLoaded(await loadScheduleFile(file.value, folder), file.value);
}

export const loadScheduleFile = async (file: SourceFile, folder: string): Promise<Loaded<Schedule>> =>
  loadSchedule(file, await knownNames(folder));

/** The playbooks and environments that there are. */
export async function knownNames(folder: string): Promise<Known> {
  const folders = playbookFolders(folder);
  const environments = folders.flatMap((base) => {
    const inside = join(base, 'environments');
    return existsSync(inside) ? readdirSync(inside) : [];
  });
  return {
    playbooks: await folderLibrary(folders).ids(),
    environments: ['sandbox', ...environments.map((name) => name.replace(/\.ya?ml$/, ''))],
  };
}

export const statusesOf = (
  { entries, zone }: Schedule,
  runs: readonly RunSummary[],
  now: Instant,
): readonly DueStatus[] =>
  entries.map((entry) => dueStatus(entry, occurrences(entry.rule, entry.from), runs, { now, zone }));
