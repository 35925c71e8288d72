import { rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ValueMap } from '../../../base/value.ts';
import { encodeValue } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { pause } from '../../context/activity.ts';
import type { Output } from '../../types.ts';
import { text } from '../../context/members.ts';
import { FILE_MODE, makeFolder } from '../../machine/place.ts';
import type { Archive, ArchiveEntry } from './archive.ts';
import { entriesOfTables } from './archive.ts';
import { openDatabase } from '../client/connection.ts';
import { someContents } from './contents.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import type { Ownership } from './ownership.ts';
import { applyOwnership, demandRoles, readOwnership } from './ownership.ts';
import type { ArchiveLoad } from './load-archive.ts';
import { loadArchive } from './load-archive.ts';
import type { Marker } from './restore-marker.ts';
import { claim, dropMarker, writeMarker } from './restore-marker.ts';
import { placeInRun } from '../../machine/run-files.ts';
import type { ServerFacts, TableName } from '../client/server.ts';
import { allTables, rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { restoreSettings, savedSettings, tuneServer, WORTH_TUNING_BYTES } from './tuning.ts';

/** A session of a former life may be about to begin: none must have been seen for so long. */
const QUIET_MS = 1000;
/** For putting a server's settings back when the step itself has been stopped. */
const AFTERWARDS_MS = 15_000;

type Restored = Output['postgres.restore'];

/** All that one restore knows and works with. */
export interface Restoring extends ArchiveLoad {
  /** All its files together. */
  readonly bytes: number;
  readonly target: ValueMap;
  /** The tables that are restored; the whole dump when there are none. */
  readonly tables: readonly TableName[];
  readonly noOwner: boolean;
  readonly roles: Readonly<Record<string, string>>;
  readonly replace: boolean;
  /** Whose work the mark in the database says it is. */
  readonly by: string;
  readonly server: ServerFacts;
  readonly archive: Archive;
}

/** Everything is looked at first; from `claim` on the database is changed. */
export async function restoreDump(restoring: Restoring): Promise<Restored> {
  const { session, context } = restoring;
  const listFile = placeInRun(context, undefined, '.restore-list');
  await makeFolder(dirname(listFile));
  try {
    await writeList(restoring, listFile);
    const ownership = await ownershipFor(restoring, listFile);
    if (ownership !== undefined) await demandRoles(session, ownership.roles);
    await endFormerSessions(restoring);
    const marker = await tune(restoring, await claim(session, restoring));
    try {
      // Again: what is restored hangs on what is there, and some of that has just been dropped.
      await writeList(restoring, listFile);
      await loadArchive(restoring, listFile);
      return await finish(restoring, marker, ownership);
    } catch (error) {
      await takeBack(restoring, marker);
      throw halfRestored(error);
    }
  } finally {
    await rm(listFile, { force: true });
  }
}

/** Writes the list of entries that pg_restore keeps to. */
async function writeList(restoring: Restoring, listFile: string): Promise<void> {
  const entries = await entriesFor(restoring);
  await writeFile(listFile, entries.map(({ line }) => `${line}\n`).join(''), { mode: FILE_MODE });
}

/** What of the dump is restored. */
async function entriesFor({ archive, session, tables }: Restoring): Promise<readonly ArchiveEntry[]> {
  if (tables.length > 0) {
    // What tables cannot be without is there where anything is.
    const isEmpty = (await someContents(session)).length === 0;
    return entriesOfTables(archive, tables, isEmpty);
  }
  const schemas = await rowsOf(session, 'select nspname::text as name from pg_namespace');
  const present = new Set(schemas.map((row) => text(row, 'name')));
  return archive.entries.filter(({ text }) => {
    // Only whoever installed an extension may comment on it, and that is seldom who restores.
    if (text.startsWith('COMMENT - EXTENSION ')) return false;
    const schema = /^SCHEMA - (\S+) /.exec(text)?.[1];
    return schema === undefined || !present.has(schema);
  });
}

/** Undefined when owners and grants are left out, or taken as they stand in the dump. */
async function ownershipFor(restoring: Restoring, listFile: string): Promise<Ownership | undefined> {
  if (restoring.noOwner) return undefined;
  return readOwnership({ ...restoring, listFile });
}

/**
 * A drillbook that was killed may have left a pg_restore behind. Its sessions bear this step's name; when one
 * of them ends, pg_restore ends them all.
 */
async function endFormerSessions({ session, context }: Restoring): Promise<void> {
  const end = `select pg_terminate_backend(pid, 10000) from pg_stat_activity
    where application_name = left($1, 63) and datname = current_database() and pid <> pg_backend_pid()`;
  const name = context.resourceName();
  if ((await rowsOf(session, end, [name])).length === 0) return;
  context.log('a former life of this step is still restoring: its sessions are ended');
  do await pause(context, QUIET_MS);
  while ((await rowsOf(session, end, [name])).length > 0);
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
  marker: Marker,
  ownership: Ownership | undefined,
): Promise<Restored> {
  const { target, tables, context, from, archive } = restoring;
  // The first session has been idle for as long as it took, and may be gone.
  const session = await openDatabase(target, context);
  try {
    if (ownership !== undefined) await applyOwnership(session, ownership);
    context.log('gathering statistics');
    // Without them the planner guesses, and the application is slow when it comes back.
    await session.run(`analyze ${tables.map(quotedTable).join(', ')}`, [], { maxRows: 0, writes: false });
    await restoreSettings(session, marker.settings);
    await checkpoint(session, context);
    const restored = tables.length > 0 ? tables : await allTables(session);
    const [size] = await rowsOf(session, 'select pg_database_size(current_database()) as bytes');
    const output: Restored = {
      from,
      tables: restored.map(tableText),
      bytes: Number(size?.['bytes'] ?? 0),
      dumpedFrom: archive.serverVersion ?? null,
    };
    await context.saveCheckpoint({ output: encodeValue(output) });
    await dropMarker(session);
    return output;
  } finally {
    await session.close();
  }
}

/** All is durable with the commit of the statistics. A checkpoint makes a crash right afterwards cheap, too, for whoever may ask for one. */
async function checkpoint(session: Session, context: StepContext): Promise<void> {
  const [row] = await rowsOf(
    session,
    `select rolsuper or pg_has_role(oid, 'pg_checkpoint', 'usage') as may from pg_roles where rolname = current_user`,
  );
  if (row?.['may'] !== true) return;
  context.log('checkpoint');
  await session.run('checkpoint', [], { maxRows: 0, writes: false });
}

/** Also when the step was stopped, on a connection that does not know of it. */
async function takeBack({ target, context }: Restoring, marker: Marker): Promise<void> {
  if (Object.keys(marker.settings).length === 0) return;
  try {
    const { secrets } = context;
    const session = await openDatabase(target, { secrets, signal: AbortSignal.timeout(AFTERWARDS_MS) });
    try {
      await restoreSettings(session, marker.settings);
    } finally {
      await session.close();
    }
  } catch {
    context.log("the server's settings could not be put back now: they are kept in the database's mark");
  }
}

function halfRestored(error: unknown): unknown {
  if (!(error instanceof StepError)) return error;
  const next = 'The database holds a part of the dump. Another try drops that part and begins again.';
  return new StepError(error.message, {
    code: error.code,
    hint: error.hint === undefined ? next : `${error.hint} ${next}`,
    changed: 'something',
    retryable: error.retryable,
    details: error.details,
    cause: error,
  });
}

const quotedTable = ({ schema, name }: TableName): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
