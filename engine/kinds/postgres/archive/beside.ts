import { isJsonObject } from '../../../base/json.ts';
import { decodeValue, encodeValue, isValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { openDatabase } from '../client/connection.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import { text } from '../../context/members.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { createLikeCurrent, propertiesFor } from './database-properties.ts';
import { dropDatabase } from './drop-database.ts';
import { endFormerSessions, loadMarked } from './load.ts';
import { databaseNames, namesThere, settled } from './names.ts';
import type { Restored, Restoring } from './plan.ts';
import { prepare } from './plan.ts';
import { dropMarker, readMarker } from './restore-marker.ts';
import { openElsewhere, reach, swapNames } from './swap.ts';
import { restoreSettings } from './tuning.ts';

const AFTERWARDS_MS = 60_000;
/** A database of that name, or its entry in the catalog, is there already. */
const MADE_MEANWHILE = new Set(['42P04', '23505']);

/**
 * Restores into a new database beside the one that is there, then swaps their names. Gives the reason where that
 * is not possible, with nothing changed. What was there stays under another name, as `kept`.
 */
export async function restoreBeside(restoring: Restoring, listFile: string): Promise<Restored | string> {
  const { session, context } = restoring;
  const { fresh, kept } = databaseNames(context);
  const loaded = loadedBefore(restoring);
  await settled(session, [fresh, kept], context);
  const exists = await namesThere(session, [fresh, kept]);
  if (loaded !== undefined && !exists.has(fresh) && exists.has(kept)) return { ...loaded, kept };
  if (loaded !== undefined && exists.has(fresh)) return swap(restoring, loaded);

  if (exists.has(kept)) throw keptAlready(kept);
  if (exists.has(fresh)) await dropFormer(restoring, fresh);
  const reason = (await whyNot(session)) ?? (await notElsewhere(restoring, fresh));
  if (reason !== undefined) return reason;
  const beside = await createBeside(restoring, fresh);
  if (typeof beside === 'string') return beside;
  try {
    const output = await loadBeside({ ...restoring, session: beside }, listFile, fresh);
    return await swap(restoring, output);
  } finally {
    await beside.close();
  }
}

/** Whether a former life of the step left a database, or a transaction of which it does not know how it ended. */
export async function leftSomething(session: Session, context: StepContext): Promise<boolean> {
  const { checkpoint } = context;
  if (isJsonObject(checkpoint) && checkpoint['transaction'] !== undefined) return true;
  const { fresh, kept } = databaseNames(context);
  return (await namesThere(session, [fresh, kept])).size > 0;
}

/** What a former life had loaded and proved: only the names are left to swap. */
function loadedBefore({ context: { checkpoint } }: Pick<Restoring, 'context'>): Restored | undefined {
  if (!isJsonObject(checkpoint) || checkpoint['loaded'] === undefined) return undefined;
  const output = decodeValue(checkpoint['loaded']);
  return isValueMap(output) ? (output as Restored) : undefined;
}

/** What the role and the database have to be for it. */
async function whyNot(session: Session): Promise<string | undefined> {
  const [row = {}] = await rowsOf(
    session,
    `select rolsuper or rolcreatedb as creates, pg_has_role(datdba, 'usage') as owns, current_database()::text as name,
       (select string_agg(slot_name, ', ') from pg_replication_slots where database = current_database()) as slots
     from pg_roles, pg_database where rolname = current_user and datname = current_database()`,
  );
  if (row['creates'] !== true) return 'the role may not create databases';
  if (row['owns'] !== true) return 'the role does not own the database';
  if (row['name'] !== session.address.database)
    return `the address leads to the database ${text(row, 'name')}`;
  return typeof row['slots'] === 'string'
    ? `replication slots are bound to the database: ${row['slots']}`
    : undefined;
}

/** Names are swapped from a third database. */
async function notElsewhere(
  { session, target, context }: Restoring,
  fresh: string,
): Promise<string | undefined> {
  const elsewhere = await openElsewhere(session, target, context, [session.address.database, fresh]);
  if (elsewhere === undefined)
    return 'the role may not connect to a third database, from which names are swapped';
  await elsewhere.close();
  return undefined;
}

/** An empty database with all that the old one has and no dump holds; the reason where the role may not make one like it. */
async function createBeside(
  restoring: Restoring,
  fresh: string,
  isSecond = false,
): Promise<Session | string> {
  const { session, target, context } = restoring;
  let beside: Session | undefined;
  try {
    await createLikeCurrent(session, fresh);
    await tryProperties(session, fresh);
    beside = await reach(target, context, fresh);
    await makeExtensions(session, beside);
    return beside;
  } catch (error) {
    context.signal.throwIfAborted();
    await beside?.close();
    await dropFresh(restoring, fresh);
    // The server had still to begin with what a former life had asked for.
    const isThere = error instanceof StepError && MADE_MEANWHILE.has(error.code);
    if (isThere && !isSecond) return createBeside(restoring, fresh, true);
    if (error instanceof StepError) return `no database like it can be made: ${error.message}`;
    throw error;
  }
}

/** Whether the role may say of the new database what is said of the old one. It does not yet: a setting could hinder the load. */
async function tryProperties(session: Session, fresh: string): Promise<void> {
  await session.command('begin');
  try {
    for (const statement of await propertiesFor(session, fresh)) await session.command(statement);
  } finally {
    await session.command('rollback');
  }
}

/** Extensions are never dropped: those of the old database are in the new one, whatever the dump says. */
async function makeExtensions(from: Session, to: Session): Promise<void> {
  const rows = await rowsOf(
    from,
    `select extname::text as name, nspname::text as schema, extversion as version,
       exists (select from pg_available_extension_versions v where v.name = extname and v.version = extversion) as available
     from pg_extension e join pg_namespace n on n.oid = extnamespace where extname <> 'plpgsql' order by e.oid`,
  );
  for (const row of rows) {
    const schema = quoteIdentifier(text(row, 'schema'));
    const version = row['available'] === true ? ` version ${quoteIdentifier(text(row, 'version'))}` : '';
    if (!/^"pg_/.test(schema)) await to.command(`create schema if not exists ${schema}`);
    await to.command(
      `create extension if not exists ${quoteIdentifier(text(row, 'name'))} schema ${schema}${version} cascade`,
    );
  }
}

async function loadBeside(restoring: Restoring, listFile: string, fresh: string): Promise<Restored> {
  const { context, target, session } = restoring;
  context.log(
    `beside it: the restore goes into the new database ${fresh}, and what is there stays until it is whole`,
  );
  const into: Restoring = { ...restoring, reopen: (access) => reach(target, access, fresh) };
  try {
    return await loadMarked(into, await prepare(into, listFile), {
      done: (output) => context.saveCheckpoint({ loaded: encodeValue(output) }),
      failed: (error) => error,
    });
  } catch (error) {
    await session.close();
    await dropFresh(restoring, fresh);
    throw error;
  }
}

/** The last moment: from it on the name leads to the new database. */
async function swap(restoring: Restoring, output: Restored): Promise<Restored> {
  const { target, context } = restoring;
  const { fresh, kept } = databaseNames(context);
  // The first session has been idle for as long as it took, and may be gone; and it would be in the way.
  await restoring.session.close();
  await unmark(restoring, fresh);
  const here = await openDatabase(target, context);
  const { database } = here.address;
  const properties = await propertiesFor(here, fresh);
  await here.close();
  context.log(`the names are swapped; what was there is now ${kept}`);
  const hint = `${fresh} is whole, and another try only swaps the names. To give up, drop it: postgres.drop-kept with "kept: ${fresh}".`;
  await swapNames({ target, context, current: database, away: kept, next: fresh, hint }, properties);
  return { ...output, kept };
}

/** A life that was killed between saving that all is loaded and taking its mark away has left the mark. */
async function unmark({ target, context }: Restoring, fresh: string): Promise<void> {
  const session = await reach(target, context, fresh);
  try {
    const marker = await readMarker(session);
    if (marker === undefined) return;
    await restoreSettings(session, marker.settings);
    await dropMarker(session);
  } finally {
    await session.close();
  }
}

const keptAlready = (kept: string): StepError =>
  new StepError(`what an earlier restore by this step replaced is still kept, as ${kept}`, {
    code: 'keptAlready',
    hint: 'Drop it (postgres.drop-kept), or put it back (postgres.put-back), then try again.',
  });

/** What a former life left half done, with what it had changed of the server's settings. */
async function dropFormer(restoring: Restoring, fresh: string): Promise<void> {
  const { target, context } = restoring;
  await endFormerSessions(restoring, fresh);
  const former = await reach(target, context, fresh);
  try {
    await restoreSettings(former, (await readMarker(former))?.settings ?? {});
  } finally {
    await former.close();
  }
  await dropFresh(restoring, fresh);
}

/** Also when the step was stopped. What cannot be dropped now is dropped by the next try. */
async function dropFresh({ target, context }: Restoring, name: string): Promise<void> {
  try {
    const access = { secrets: context.secrets, signal: AbortSignal.timeout(AFTERWARDS_MS) };
    const session = await openDatabase(target, access);
    try {
      await dropDatabase(session, name, () => reach(target, access, name));
    } finally {
      await session.close();
    }
  } catch (error) {
    context.log(`the database ${name} could not be dropped: ${error instanceof Error ? error.message : ''}`);
  }
}
