import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { WorkerRows, WorkerSelf } from '../../journal/postgres/worker-rows.ts';
import { engineVersion } from '../package-info.ts';
import type { Queue } from './queue.ts';

/** How often a worker says that it is there, and looks whether others are. */
export const BEAT_MS = 1000;

/** This process among the workers. */
export const newSelf = (environment: string, name: string | undefined): WorkerSelf => ({
  id: randomUUID(),
  name: name ?? `${hostname()}-${process.pid}`,
  host: hostname(),
  version: engineVersion(),
  environment,
});

/**
 * Puts back what workers had begun that are not there any more, once nobody holds it: a worker whose run goes on
 * without it, or which is only slow, keeps it.
 */
export async function takeFromTheDead(
  rows: WorkerRows,
  queue: Queue,
  queues: readonly string[],
): Promise<readonly { readonly id: string; readonly by: string }[]> {
  const begun = await queue.begun(queues);
  if (begun.length === 0) return [];
  const workers = await rows.list();
  const alive = new Set(workers.filter(({ alive: is }) => is).map(({ id }) => id));
  const orphans = begun.filter(({ by }) => !alive.has(by));
  const free = await rows.unheld(orphans.map(({ id }) => id));
  const taken = orphans.filter(({ id }) => free.has(id));
  for (const { id, queue: name } of taken) await queue.putBack(id, name);
  return taken.map(({ id, by }) => ({ id, by: workers.find((each) => each.id === by)?.name ?? 'a worker' }));
}
