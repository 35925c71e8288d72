import type { ValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { pause } from '../../context/activity.ts';
import { text } from '../../context/members.ts';
import type { Access } from '../client/connection.ts';
import { openBeside, openDatabase } from '../client/connection.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** Sessions that come while the server waits for the name are ended as often. */
const END_EVERY_MS = 50;
const IN_USE = '55006';

/** Another database of the target's server, by way of the target. */
export async function reach(target: ValueMap, access: Access, database: string): Promise<Session> {
  const here = await openDatabase(target, access);
  try {
    return await openBeside(here, target, access, database);
  } finally {
    await here.close();
  }
}

/** A session in a database of the server that is none of these; undefined where the role may enter none. */
export async function openElsewhere(
  here: Session,
  target: ValueMap,
  access: Access,
  except: readonly string[],
): Promise<Session | undefined> {
  const rows = await rowsOf(
    here,
    `select datname::text as name from pg_database
     where datallowconn and has_database_privilege(oid, 'connect') and datname <> all($1)
     order by datname <> 'postgres', datistemplate, datname`,
    [except],
  );
  for (const row of rows) {
    try {
      return await openBeside(here, target, access, text(row, 'name'));
    } catch (error) {
      access.signal.throwIfAborted();
      if (!(error instanceof StepError)) throw error;
    }
  }
  return undefined;
}

/** `current` becomes `away`, and `next` becomes `current`. */
export interface Renaming {
  readonly target: ValueMap;
  readonly context: StepContext;
  readonly current: string;
  readonly away: string;
  readonly next: string;
  /** What to do when sessions keep it from happening, once they have been ended. */
  readonly hint: string;
}

/**
 * Swaps the names in one transaction, with `also` in it: nobody sees it half done. A database that is renamed may have
 * no sessions, so they are ended; new ones wait for the transaction, and then find the other database.
 */
export async function swapNames(renaming: Renaming, also: readonly string[] = []): Promise<void> {
  const { current, away, next } = renaming;
  const [mover, ender] = await twoElsewhere(renaming);
  const over = new AbortController();
  try {
    await mover.command('begin');
    for (const statement of also) await mover.command(statement);
    const ending = endSessions(ender, renaming, over.signal);
    try {
      await mover.command(`alter database ${quoteIdentifier(current)} rename to ${quoteIdentifier(away)}`);
      await mover.command(`alter database ${quoteIdentifier(next)} rename to ${quoteIdentifier(current)}`);
    } finally {
      over.abort();
      await ending;
    }
    await mover.command('commit');
  } catch (error) {
    await mover.command('rollback').catch(() => undefined);
    throw error instanceof StepError && error.code === IN_USE ? await inUse(error, ender, renaming) : error;
  } finally {
    await Promise.all([mover.close(), ender.close()]);
  }
}

async function twoElsewhere({ target, context, current, away, next }: Renaming): Promise<[Session, Session]> {
  const here = await openDatabase(target, context);
  try {
    const opened = await Promise.all(
      [1, 2].map(() => openElsewhere(here, target, context, [current, away, next])),
    );
    const [mover, ender] = opened;
    if (mover !== undefined && ender !== undefined) return [mover, ender];
    throw new StepError(
      'there is no third database that the role may connect to, from which names are swapped',
      {
        code: 'permissionDenied',
        hint: 'Let the role connect to the database postgres.',
      },
    );
  } finally {
    await here.close();
  }
}

/** What it may not end, the server tells when it does not get the name. */
async function endSessions(
  ender: Session,
  { current, next, context }: Renaming,
  over: AbortSignal,
): Promise<void> {
  try {
    while (!over.aborted) {
      const rows = await rowsOf(
        ender,
        `select pid::text as pid from pg_stat_activity where datname = any($1)`,
        [[current, next]],
      );
      for (const row of rows) {
        await rowsOf(ender, 'select pg_terminate_backend($1::int)', [text(row, 'pid')]).catch(
          () => undefined,
        );
      }
      await pause({ clock: context.clock, signal: over }, END_EVERY_MS);
    }
  } catch {
    // It is over, or the session has ended.
  }
}

async function inUse(cause: StepError, ender: Session, { current, hint }: Renaming): Promise<StepError> {
  const rows = await rowsOf(
    ender,
    `select distinct coalesce(usename, 'nobody') || ' (' || coalesce(nullif(application_name, ''), backend_type, 'unnamed') || ')' as who
     from pg_stat_activity where datname = $1`,
    [current],
  ).catch(() => []);
  const who = rows.map((row) => text(row, 'who'));
  const by = who.length === 0 ? '' : ` by ${who.join(', ')}`;
  return new StepError(`the database ${current} is in use${by}, and this role may not end that`, {
    code: 'inUse',
    retryable: true,
    hint: `End those sessions. ${hint}`,
    cause,
  });
}
