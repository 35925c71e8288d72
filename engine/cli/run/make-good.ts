import { canonicalJson } from '../../base/json.ts';
import type { JsonObject } from '../../base/json.ts';
import { runInFolder } from '../../journal/run-folder.ts';
import { StoreError } from '../../journal/store.ts';
import type { Store } from '../../journal/store.ts';
import { eventsOf } from './choose.ts';
import { lastWorld } from './last-world.ts';
import { openFolder } from './store.ts';

/**
 * Does what a crash or a full disk kept earlier runs from when they ended: certifies their end, and ends
 * sandboxes that no run can go on in, those of other stores too. What still cannot be done is left for the next
 * command, and so is the store of another account, which could not write to it any more.
 */
export async function makeGood(store: Store): Promise<void> {
  if (await store.mayWrite()) {
    for (const run of await store.unsealed()) await sealEnded(store, run).catch(ignoreRefusal);
  }
  const { worldFolders } = await import('../../sandbox/ground/folder.ts');
  if ((await worldFolders()).length === 0) return;
  const { sweepWorlds } = await import('../../sandbox/world.ts');
  await sweepWorlds((address) => isNeeded(address, store));
}

async function sealEnded(store: Store, run: string): Promise<void> {
  const events = await eventsOf(store, run);
  if (events?.some(({ type }) => type === 'run.finished') !== true) return;
  if (!(await store.verify(run)).ok) return;
  const open = await store.open(run);
  try {
    await open.seal();
  } finally {
    await open.close();
  }
}

/** Whether a run may go on in this world: it is the newest world of a run that has not ended. */
async function isNeeded(address: JsonObject, here: Store): Promise<boolean> {
  const { owner } = address;
  const place = typeof owner === 'string' ? runInFolder(owner) : undefined;
  // A world without a run is a test's.
  if (place === undefined) return true;
  const store = here.folder(place.run) === owner ? here : openFolder(place.root);
  if ((await store.writer(place.run)) !== undefined) return true;
  const events = await eventsOf(store, place.run);
  // A journal that cannot be read now may be put back.
  if (events === undefined) return true;
  const newest = lastWorld(events)?.address ?? null;
  const isOver = events.some(({ type }) => type === 'run.finished');
  return !isOver && canonicalJson(newest) === canonicalJson(address);
}

/** Another process is at it, the disk is still full, the journal is damaged: the commands that need it say so. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}
