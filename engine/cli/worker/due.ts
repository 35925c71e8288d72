import type { WorkerRows } from '../../journal/postgres/worker-rows.ts';
import type { Store } from '../../journal/store.ts';
import type { DueStatus } from '../../measure/due.ts';
import { backupOf } from '../../model/backup.ts';
import { systemClock } from '../clock.ts';
import { knownEnvironment } from '../loading.ts';
import { readableRuns } from '../run/summaries.ts';
import { findSchedule, statusesOf } from '../scheduling.ts';

/** Something that is due and nobody has asked for yet. */
export interface Due {
  /** The same for every worker, and for every look until the next day that it is due on. */
  readonly key: string;
  readonly playbook: string;
  /** The backup that is proven, where it is a proof. */
  readonly backup: string | undefined;
  readonly day: string;
}

/**
 * What the schedule of the folder says is due in an environment, as far as a worker may do it: what is scheduled in
 * production is the real thing, and for people.
 */
export async function dueIn(
  environment: string,
  {
    playbooks,
    store,
    rows,
  }: { readonly playbooks: string; readonly store: Store; readonly rows: WorkerRows },
): Promise<readonly Due[]> {
  const schedule = await findSchedule(playbooks);
  if (schedule === undefined) return [];
  if (environment !== 'sandbox' && (await knownEnvironment(environment, playbooks))?.kind === 'production')
    return [];
  const statuses = statusesOf(schedule, await readableRuns(store), systemClock.now());
  const open = statuses.filter(({ entry }) => entry.environment === environment).flatMap(asDue);
  const unasked = await Promise.all(open.map(async (due) => ((await rows.asked(due.key)) ? [] : [due])));
  return unasked.flat();
}

function asDue({ entry, state, due }: DueStatus): readonly Due[] {
  if (due === undefined || (state !== 'due' && state !== 'overdue')) return [];
  const { playbook, environment } = entry;
  const backup = backupOf(playbook);
  return [{ key: `due/${environment}/${playbook}/${due}`, playbook, backup, day: due }];
}
