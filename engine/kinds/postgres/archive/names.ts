import { createHash } from 'node:crypto';
import type { StepContext } from '../../../model/kind.ts';
import { pause } from '../../context/activity.ts';
import { text } from '../../context/members.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** PostgreSQL cuts longer names off. */
const MAX_NAME = 63;
const DIGEST = 8;

/** The names that a step gives to databases: the one that it loads into, and the one that was there. */
export const databaseNames = (context: StepContext): { readonly fresh: string; readonly kept: string } => ({
  fresh: databaseName(context.resourceName('new')),
  kept: databaseName(context.resourceName('old')),
});

/** A resource's name as short as a database's has to be, and still its own. */
export function databaseName(resource: string): string {
  if (resource.length <= MAX_NAME) return resource;
  const digest = createHash('sha256').update(resource).digest('hex').slice(0, DIGEST);
  return `${resource.slice(0, MAX_NAME - DIGEST - 1)}-${digest}`;
}

const LOOK_MS = 100;

/**
 * Waits until the server is done with what a former life of the step had it do with databases of these names, which
 * it goes on with when its client is killed: a database that is being made cannot be seen yet.
 */
export async function settled(
  session: Session,
  names: readonly string[],
  context: StepContext,
): Promise<void> {
  const busy = `select from pg_stat_activity where pid <> pg_backend_pid() and usename = current_user and state <> 'idle'
    and exists (select from unnest($1::text[]) name where strpos(query, quote_ident(name)) > 0)`;
  while ((await rowsOf(session, busy, [names])).length > 0) await pause(context, LOOK_MS);
}

/** Those of the names that are databases of the server. */
export async function namesThere(session: Session, names: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await rowsOf(
    session,
    'select datname::text as name from pg_database where datname = any($1)',
    [names],
  );
  return new Set(rows.map((row) => text(row, 'name')));
}
