import { pause } from '../../context/activity.ts';
import { quoteTable } from '../client/identifiers.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { loadArchive } from './load-archive.ts';
import { applyOwnership } from './ownership.ts';
import type { Prepared, Restored, Restoring } from './plan.ts';
import { describeRestored, writeListAnew } from './plan.ts';
import type { Marker } from './restore-marker.ts';
import { claim, dropMarker, writeMarker } from './restore-marker.ts';
import { restoreSettings, savedSettings, tuneServer, WORTH_TUNING_BYTES } from './tuning.ts';

/** A session of a former life may be about to begin: none must have been seen for so long. */
const QUIET_MS = 1000;
/** For putting a server's settings back when the step itself has been stopped. */
const AFTERWARDS_MS = 15_000;

/**
 * Loads a dump into a database that is empty, save for what this very step left half done, which is dropped. A mark
 * stands in it meanwhile. `done` is told of the whole before the mark is taken away.
 */
export async function loadMarked(
  restoring: Restoring,
  prepared: Prepared,
  ending: {
    readonly done: (output: Restored) => Promise<void>;
    /** What a failure means to whoever asked, once something has been loaded. */
    readonly failed: (error: unknown) => unknown;
  },
): Promise<Restored> {
  const marker = await tune(restoring, await claim(restoring.session, restoring));
  try {
    // Again: what is restored hangs on what is there, and some of that has just been dropped.
    await writeListAnew(restoring, prepared.listFile);
    await loadArchive(restoring, prepared.listFile, prepared.settings);
    return await finish(restoring, prepared, marker, ending.done);
  } catch (error) {
    await takeBack(restoring, marker);
    throw ending.failed(error);
  }
}

/**
 * A drillbook that was killed may have left a pg_restore behind. Its sessions bear this step's name; when one
 * of them ends, pg_restore ends them all.
 */
export async function endFormerSessions(
  { session, context }: Pick<Restoring, 'session' | 'context'>,
  database: string,
): Promise<void> {
  const end = `select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where application_name = left($1, 63) and datname = $2 and pid <> pg_backend_pid()`;
  const name = context.resourceName();
  if ((await rowsOf(session, end, [name, database])).length === 0) return;
  context.log('a former life of this step is still restoring: its sessions are ended');
  do await pause(context, QUIET_MS);
  while ((await rowsOf(session, end, [name, database])).length > 0);
}

/** The mark holds what the settings were before they are changed, so that any later life can put them back. */
async function tune(restoring: Restoring, marker: Marker): Promise<Marker> {
  const { session, server, bytes } = restoring;
  if (!server.isSuperuser || bytes < WORTH_TUNING_BYTES) return marker;
  const known = Object.keys(marker.settings).length > 0;
  const tuned = known ? marker : { ...marker, settings: await savedSettings(session) };
  if (!known) await writeMarker(session, tuned);
  await tuneServer(session, tuned.settings);
  return tuned;
}

/** After pg_restore: owners, statistics, the server's settings; then it is made durable and the mark is taken away. */
async function finish(
  restoring: Restoring,
  { ownership, entries }: Prepared,
  marker: Marker,
  done: (output: Restored) => Promise<void>,
): Promise<Restored> {
  // The first session has been idle for as long as it took, and may be gone.
  const session = await restoring.reopen(restoring.context);
  try {
    if (ownership !== undefined) await applyOwnership(session, ownership);
    await gatherStatistics(session, restoring);
    await restoreSettings(session, marker.settings);
    await checkpoint(session, restoring);
    const output = await describeRestored(session, restoring, entries);
    await done(output);
    await dropMarker(session);
    return output;
  } finally {
    await session.close();
  }
}

/** Without them the planner guesses, and the application is slow when it comes back. */
export async function gatherStatistics(session: Session, { tables, context }: Restoring): Promise<void> {
  context.log('gathering statistics');
  await session.run(`analyze ${tables.map(quoteTable).join(', ')}`, [], { maxRows: 0, writes: false });
}

/** All is durable with the commit of the statistics. A checkpoint makes a crash right afterwards cheap, too, for whoever may ask for one. */
async function checkpoint(session: Session, { context }: Restoring): Promise<void> {
  const [row] = await rowsOf(
    session,
    `select rolsuper or pg_has_role(oid, 'pg_checkpoint', 'usage') as may from pg_roles where rolname = current_user`,
  );
  if (row?.['may'] !== true) return;
  context.log('checkpoint');
  await session.run('checkpoint', [], { maxRows: 0, writes: false });
}

/** Also when the step was stopped, on a connection that does not know of it. */
async function takeBack({ reopen, context }: Restoring, marker: Marker): Promise<void> {
  if (Object.keys(marker.settings).length === 0) return;
  try {
    const { secrets } = context;
    const session = await reopen({ secrets, signal: AbortSignal.timeout(AFTERWARDS_MS) });
    try {
      await restoreSettings(session, marker.settings);
    } finally {
      await session.close();
    }
  } catch {
    context.log("the server's settings could not be put back now: they are kept in the database's mark");
  }
}
