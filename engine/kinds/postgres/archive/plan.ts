import { writeFile } from 'node:fs/promises';
import type { ValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { Output } from '../../types.ts';
import { text } from '../../context/members.ts';
import { FILE_MODE } from '../../machine/place.ts';
import type { Access } from '../client/connection.ts';
import type { ServerFacts, TableName } from '../client/server.ts';
import { allTables, rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import type { Archive, ArchiveEntry } from './archive.ts';
import { entriesOfTables } from './archive.ts';
import { contentsOf, inventoryOf } from './inventory.ts';
import { demandAll } from './lacks.ts';
import type { ArchiveLoad } from './load-archive.ts';
import { tryConnection } from './load-archive.ts';
import type { Ownership } from './ownership.ts';
import { ownershipOf } from './ownership.ts';
import { readSchemaScript } from './schema-script.ts';
import { wantsOf } from './wants.ts';

/** What a restore gives, but for what no dump carries, which is looked at when all is over. */
export type Restored = Omit<Output['postgres.restore'], 'notCarried'>;

/** All that one restore knows and works with. */
export interface Restoring extends ArchiveLoad {
  /** All its files together. */
  readonly bytes: number;
  readonly target: ValueMap;
  /** Another connection to the database that is loaded into. */
  readonly reopen: (access: Access) => Promise<Session>;
  /** The tables that are restored; the whole dump when there are none. */
  readonly tables: readonly TableName[];
  /** Only their rows, into tables that are there. */
  readonly rowsOnly: boolean;
  readonly noOwner: boolean;
  readonly roles: Readonly<Record<string, string>>;
  /** Whose work the mark in the database says it is. */
  readonly by: string;
  readonly server: ServerFacts;
  readonly archive: Archive;
}

/** What was found when everything was looked at. */
export interface Prepared {
  /** Names the entries that pg_restore keeps to. */
  readonly listFile: string;
  readonly entries: readonly ArchiveEntry[];
  /** Undefined when owners and grants are left out. */
  readonly ownership: Ownership | undefined;
  /** What the sessions of the client programs set for themselves. */
  readonly settings: string | undefined;
}

/** Looks at all that can be known before anything is changed. Throws `StepError` with everything that is wrong. */
export async function prepare(
  restoring: Restoring,
  listFile: string,
  /** What is in the database is dropped first, in the same transaction. */
  emptied = false,
): Promise<Prepared> {
  return prepareChosen(restoring, listFile, await entriesFor(restoring, emptied));
}

/** The same for entries that have been chosen. */
export async function prepareChosen(
  restoring: Restoring,
  listFile: string,
  { entries, present }: Chosen,
): Promise<Prepared> {
  const { session, noOwner, roles, archive, server, bytes } = restoring;
  // A schema that is there is not made, but belongs to whom the dump says.
  await writeList(listFile, [...present, ...entries]);
  const script = await readSchemaScript({ ...restoring, listFile });
  await writeList(listFile, entries);
  const ownership = noOwner ? undefined : ownershipOf(script, roles);
  const wants = wantsOf(entries, script, ownership);
  await demandAll(session, { wants, dumpedFrom: archive.serverVersion, server, bytes });
  const settings = await tryConnection({ ...restoring, listFile });
  return { listFile, entries, ownership, settings };
}

/** Writes the list of entries of the dump, as the database stands now. */
export async function writeListAnew(restoring: Restoring, listFile: string): Promise<void> {
  await writeList(listFile, (await entriesFor(restoring, false)).entries);
}

/** Writes the list of entries that pg_restore keeps to, in this order. */
export const writeList = (listFile: string, entries: readonly ArchiveEntry[]): Promise<void> =>
  writeFile(listFile, entries.map(({ line }) => `${line}\n`).join(''), { mode: FILE_MODE });

interface Chosen {
  readonly entries: readonly ArchiveEntry[];
  /** Schemas of the dump that are there, and this role's. */
  readonly present: readonly ArchiveEntry[];
}

/** What of the dump is restored. */
async function entriesFor(restoring: Restoring, emptied: boolean): Promise<Chosen> {
  const { archive, session, tables, context } = restoring;
  if (tables.length > 0) {
    // What tables cannot be without is there where anything is.
    const isEmpty = (await contentsOf(session)).length === 0;
    return { entries: entriesOfTables(archive, tables, isEmpty), present: [] };
  }
  const schemas = await schemasAfter(session, emptied);
  const entries: ArchiveEntry[] = [];
  const present: ArchiveEntry[] = [];
  for (const entry of archive.entries) {
    // Only whoever installed an extension may comment on it, and that is seldom who restores.
    if (entry.text.startsWith('COMMENT - EXTENSION ')) continue;
    const [, about, schema = ''] =
      /^(?:SCHEMA - |(COMMENT|ACL|SECURITY LABEL) - SCHEMA )(\S+) /.exec(entry.text) ?? [];
    const isOwn = schemas.get(schema);
    if (isOwn === undefined || (isOwn && about !== undefined)) entries.push(entry);
    else if (isOwn) present.push(entry);
    else if (about !== undefined) {
      context.log(`left out, since only the owner of the schema ${schema} may say it: ${entry.text}`);
    }
  }
  return { entries, present };
}

/** The schemas that the dump will meet, and whether they are this role's. */
async function schemasAfter(session: Session, emptied: boolean): Promise<ReadonlyMap<string, boolean>> {
  const dropped = emptied ? await inventoryOf(session) : [];
  const goes = new Set(dropped.filter(({ type }) => type === 'schema').map(({ oid }) => oid));
  const schemas = await rowsOf(
    session,
    "select oid::text, nspname::text as name, pg_has_role(nspowner, 'usage') as own from pg_namespace",
  );
  return new Map(
    schemas
      .filter((row) => !goes.has(text(row, 'oid')))
      .map((row) => [text(row, 'name'), row['own'] === true]),
  );
}

/** Throws when a table of the dump is not there, whatever pg_restore says. */
export async function describeRestored(
  session: Session,
  { tables, from, archive, warnings }: Restoring,
  entries: readonly ArchiveEntry[],
): Promise<Restored> {
  await demandTables(session, entries);
  const restored = tables.length > 0 ? tables : await allTables(session);
  const [size] = await rowsOf(session, 'select pg_database_size(current_database()) as bytes');
  return {
    from,
    tables: restored.map(tableText),
    bytes: Number(size?.['bytes'] ?? 0),
    dumpedFrom: archive.serverVersion ?? null,
    warnings: [...warnings],
    kept: null,
  };
}

async function demandTables(session: Session, entries: readonly ArchiveEntry[]): Promise<void> {
  const rows = await rowsOf(
    session,
    `select n.nspname || ' ' || c.relname || ' ' as start from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p')`,
  );
  const there = new Set(rows.map((row) => `TABLE ${text(row, 'start')}`));
  const wanted = entries.filter(({ text }) => /^TABLE (?!DATA |ATTACH )/.test(text));
  const missing = wanted.find(
    // A name may hold blanks, and so may that of the owner after it.
    ({ text }) => !starts(text).some((start) => there.has(start)),
  );
  if (missing === undefined) return;
  throw new StepError(`what pg_restore said it had made is not there: ${missing.text}`, {
    code: 'notRestored',
  });
}

const starts = (text: string): readonly string[] =>
  [...text.matchAll(/ /g)].map(({ index }) => text.slice(0, index + 1));
