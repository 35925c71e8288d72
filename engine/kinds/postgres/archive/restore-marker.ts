import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import { quoteTable } from '../client/identifiers.ts';
import type { TableName } from '../client/server.ts';
import { rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { contentsOf, dropInBatches, inventoryOf, MARKER } from './inventory.ts';

/** Named in a message. */
const SOME = 5;

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

/** Throws `StepError` when a restore by another step or run is half done there. */
export async function demandUnmarked(session: Session, by: string): Promise<Marker | undefined> {
  const found = await readMarker(session);
  if (found !== undefined && found.by !== by) throw notFinished(session, found);
  return found;
}

/**
 * Makes an empty database ready to be restored into and marks it, in one transaction. Where the mark is there, what
 * this very step left half done is dropped. Throws `StepError`, with nothing changed, when there is anything else.
 */
export async function claim(
  session: Session,
  { by, tables }: { readonly by: string; readonly tables: readonly TableName[] },
): Promise<Marker> {
  const found = await demandUnmarked(session, by);
  if (found !== undefined) {
    await dropHalf(session, tables);
    return found;
  }
  await session.command('begin');
  try {
    await session.command(`create schema ${MARKER}`);
    await (tables.length > 0 ? demandNoTable(session, tables) : demandEmpty(session));
    const marker = { by, tables, settings: {} };
    await writeMarker(session, marker);
    await session.command('commit');
    return marker;
  } catch (error) {
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
}

async function dropHalf(session: Session, tables: readonly TableName[]): Promise<void> {
  if (tables.length === 0) return dropInBatches(session, await inventoryOf(session));
  for (const table of await thoseThere(session, tables)) await session.command(dropTable(table));
}

async function demandEmpty(session: Session): Promise<void> {
  const contents = await contentsOf(session);
  if (contents.length === 0) return;
  const some = contents.slice(0, SOME).map(({ type, identity }) => `${type} ${identity}`);
  const more = contents.length > SOME ? ` and ${contents.length - SOME} more` : '';
  throw notEmpty(`${session.place} is not empty: it holds ${some.join(', ')}${more}`);
}

async function demandNoTable(session: Session, tables: readonly TableName[]): Promise<void> {
  const [there] = await thoseThere(session, tables);
  if (there !== undefined) throw notEmpty(`there is a table ${tableText(there)} in ${session.place} already`);
}

/** Those of the tables that the database has. */
export async function thoseThere(
  session: Session,
  tables: readonly TableName[],
): Promise<readonly TableName[]> {
  const rows = await rowsOf(
    session,
    'select number::int from unnest($1::text[]) with ordinality t (name, number) where to_regclass(name) is not null',
    [tables.map(quoteTable)],
  );
  return rows.flatMap((row) => tables[Number(row['number']) - 1] ?? []);
}

/** Without cascade: a view or a foreign key of another table is not this step's to take away. */
export const dropTable = (table: TableName): string => `drop table ${quoteTable(table)}`;

const notEmpty = (message: string): StepError =>
  new StepError(message, {
    code: 'notEmpty',
    hint: 'Restore into an empty database, or say "into: replace what is there".',
  });

const notFinished = (session: Session, { by }: Marker): StepError =>
  new StepError(`a restore into ${session.place} by ${by} is not finished`, {
    code: 'restoreUnfinished',
    hint: `Resume that run, or drop what is there by hand, the schema ${MARKER} included.`,
  });
