import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import { dropContents, MARKER, someContents } from './contents.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import type { TableName } from '../client/server.ts';
import { rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/**
 * A restore that is under way is marked in the database itself: a schema whose comment says which run and
 * step it belongs to, and what has to be put back. Whoever finds the mark knows that what is there is half
 * of something; the step that made it knows that it may drop it and begin again.
 */
export interface Marker {
  /** Run and step. */
  readonly by: string;
  /** Tables that are restored, when it is not the whole. */
  readonly tables: readonly TableName[];
  /** Settings of the server as they stood in its own file before: null where they did not. */
  readonly settings: Readonly<Record<string, string | null>>;
}

export async function readMarker(session: Session): Promise<Marker | undefined> {
  const [row] = await rowsOf(
    session,
    "select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = $1",
    [MARKER],
  );
  if (row === undefined) return undefined;
  try {
    return JSON.parse(text(row, 'comment')) as Marker;
  } catch {
    return { by: 'somebody', tables: [], settings: {} };
  }
}

export async function writeMarker(session: Session, marker: Marker): Promise<void> {
  const comment = JSON.stringify(marker).replaceAll("'", "''");
  await session.command(`set standard_conforming_strings = on; comment on schema ${MARKER} is '${comment}'`);
}

/** The last commit of a restore. */
export const dropMarker = (session: Session): Promise<void> =>
  session.command(`drop schema if exists ${MARKER}`);

/**
 * Makes the database ready to be restored into, and marks it, in one transaction: what this very step left
 * half done is dropped, and so is what `replace` allows to drop. Throws `StepError`, with nothing changed,
 * when there is anything else.
 */
export async function claim(
  session: Session,
  options: { readonly by: string; readonly tables: readonly TableName[]; readonly replace: boolean },
): Promise<Marker> {
  const { by, tables, replace } = options;
  await session.command('begin');
  try {
    const found = await readMarker(session);
    if (found !== undefined && found.by !== by) throw notFinished(session, found);
    const isOurs = found !== undefined;
    if (!isOurs) await session.command(`create schema ${MARKER}`);
    await (tables.length > 0 ? clearTables : clearAll)(session, tables, isOurs || replace);
    const marker = { by, tables, settings: found?.settings ?? {} };
    await writeMarker(session, marker);
    await session.command('commit');
    return marker;
  } catch (error) {
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
}

async function clearAll(session: Session, _tables: readonly TableName[], mayDrop: boolean): Promise<void> {
  if (mayDrop) return dropContents(session);
  const contents = await someContents(session);
  if (contents.length === 0) return;
  throw notEmpty(`${session.place} is not empty: it holds ${contents.join(', ')} …`);
}

async function clearTables(session: Session, tables: readonly TableName[], mayDrop: boolean): Promise<void> {
  for (const table of tables) {
    const quoted = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
    const [row] = await rowsOf(session, 'select to_regclass($1) is not null as exists', [quoted]);
    if (row?.['exists'] !== true) continue;
    if (!mayDrop) throw notEmpty(`there is a table ${tableText(table)} in ${session.place} already`);
    // Without cascade: a view or a foreign key of another table is not this step's to take away.
    await session.command(`drop table ${quoted}`);
  }
}

const notEmpty = (message: string): StepError =>
  new StepError(message, {
    code: 'notEmpty',
    hint: 'Restore into an empty database, or say "into: replace what is there", which drops it for good.',
  });

const notFinished = (session: Session, { by }: Marker): StepError =>
  new StepError(`a restore into ${session.place} by ${by} is not finished`, {
    code: 'restoreUnfinished',
    hint: `Resume that run, or drop what is there by hand, the schema ${MARKER} included.`,
  });
