import { existsSync } from 'node:fs';
import { isJsonObject } from '../../base/json.ts';
import { loadPlaybook } from '../../load/playbook.ts';
import { loadWorld } from '../../load/world.ts';
import { proofIn } from '../../measure/proof.ts';
import type { Proof } from '../../measure/proof.ts';
import type { Backup } from '../../model/backup.ts';
import type { Event } from '../../model/event.ts';
import { proofOf } from '../../model/backup.ts';
import type { Store } from '../../journal/store.ts';
import { systemClock } from '../clock.ts';
import { CommandError } from '../exit.ts';
import { expectLoaded, expectPlaybook } from '../loading.ts';
import { eventsOf } from '../run/choose.ts';
import { summarizedRuns } from '../run/summaries.ts';
import { giveUp } from '../run/give-up.ts';
import { newRunId, operatorIn } from '../run/identity.ts';
import { lastWorld } from '../run/last-world.ts';
import type { Screen } from '../run/screen.ts';
import type { SessionOptions } from '../run/session.ts';
import { startRun } from '../run/start.ts';

/** No other playbook is called by a proof. */
const NO_LIBRARY = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };

export interface ProveOptions extends Pick<SessionOptions, 'store' | 'operator'> {
  readonly reason?: string;
}

export interface ProvedBackup {
  readonly proof: Proof;
  /** The folder of its copy, where that could not be removed. */
  readonly left?: string;
}

/** Proves one backup. Whatever ends it, its run has an end in the journal. */
export async function proveOne(
  backup: Backup,
  store: Store,
  screen: Screen,
  options: ProveOptions,
): Promise<ProvedBackup> {
  await endDeadProofs(backup, store, options);
  const { playbook, sources } = expectPlaybook(
    await loadPlaybook(backup.playbook, NO_LIBRARY),
    backup.playbook,
  );
  const [rehearsal] = playbook.rehearsals;
  if (rehearsal === undefined) throw new Error('a proof is a rehearsal in which nothing breaks');
  const run = newRunId(systemClock.now());
  let trouble: Error | undefined;
  try {
    await startRun(
      {
        mode: 'drill',
        playbook,
        sources,
        ownKinds: [],
        rehearsal,
        world: proofOf(backup.name),
        fileWorld: { file: backup.world, plan: () => expectLoaded(loadWorld(backup.world), backup.world) },
        backup: backup.file,
        answers: {},
        ...(options.reason !== undefined && { reason: options.reason }),
      },
      { ...options, screen },
      run,
    );
  } catch (error) {
    // Of the store, or of drillbook itself: nothing that a backup can be blamed for.
    if (error instanceof CommandError) throw error;
    trouble = error instanceof Error ? error : new Error(String(error));
    await endUnfinished(store, run, trouble.message, options);
  }
  const events = (await eventsOf(store, run)) ?? [];
  const proof = proofIn(events);
  if (proof === undefined) throw trouble ?? new Error(`the run ${run} cannot be read`);
  const left = leftBy(events);
  return { proof, ...(left !== undefined && { left }) };
}

/** The folder of its copy, where it is still there. */
function leftBy(events: readonly Event[]): string | undefined {
  const address = lastWorld(events)?.address;
  const folder = isJsonObject(address) ? address['folder'] : undefined;
  return typeof folder === 'string' && existsSync(folder) ? folder : undefined;
}

/** What the newest run that proved a backup found; undefined for one that was never proven. */
export async function lastProof({ name }: Backup, store: Store): Promise<Proof | undefined> {
  for (const { run, summary } of await summarizedRuns(store)) {
    if (summary?.playbook !== proofOf(name)) continue;
    const proof = proofIn((await eventsOf(store, run)) ?? []);
    if (proof !== undefined) return proof;
  }
  return undefined;
}

/** A proof whose process was killed ended its copy with it: there is nothing that it could go on with. */
async function endDeadProofs({ name }: Backup, store: Store, options: ProveOptions): Promise<void> {
  for (const { run, summary } of await summarizedRuns(store)) {
    if (summary?.playbook !== proofOf(name) || !summary.resumable) continue;
    await endUnfinished(store, run, 'its process ended, and its copy with it', options);
  }
}

async function endUnfinished(
  store: Store,
  run: string,
  why: string,
  { operator }: ProveOptions,
): Promise<void> {
  if (!(await store.list()).includes(run)) return;
  const open = await store.open(run);
  try {
    if (open.events.some(({ type }) => type === 'run.finished')) return;
    await giveUp(open, open.events, { reason: why, by: operatorIn(undefined, operator) });
  } finally {
    await open.close();
  }
}
