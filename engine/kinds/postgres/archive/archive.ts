import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { offlineEnvironment } from '../client/libpq.ts';
import { runProgram } from '../client/program.ts';
import type { TableName } from '../client/server.ts';

const MAX_LIST = 64 * 1024 * 1024;

/** One entry of a dump's table of contents. */
export interface ArchiveEntry {
  readonly id: number;
  /** As pg_restore lists it: `TABLE DATA public users shop_owner`. A name may hold blanks, so it is not taken apart. */
  readonly text: string;
  /** The line itself, for a list that pg_restore is told to keep to. */
  readonly line: string;
  readonly dependsOn: readonly number[];
}

/** What a dump holds, as read back from it. */
export interface Archive {
  readonly entries: readonly ArchiveEntry[];
  /** Of the server that it was taken from: `15.18`. */
  readonly serverVersion: string | undefined;
  readonly format: string | undefined;
  /** The name of the database that it was taken of. */
  readonly database: string | undefined;
  /** By the clock on the wall where it was taken, as if that hung here. */
  readonly createdMs: number | undefined;
}

/** Reads a dump's table of contents. Throws `StepError` when it is no dump, or one that this version cannot read. */
export async function readArchive(pgRestore: string, path: string, context: StepContext): Promise<Archive> {
  try {
    const list = await runProgram({
      file: pgRestore,
      argv: ['--list', '--verbose', path],
      env: offlineEnvironment(),
      context,
      maxStdout: MAX_LIST,
    });
    return parseList(list);
  } catch (error) {
    throw error instanceof StepError ? archiveError(error, path) : error;
  }
}

export function parseList(list: string): Archive {
  const entries: { id: number; text: string; line: string; dependsOn: number[] }[] = [];
  for (const line of list.split('\n')) {
    const entry = /^(\d+); \d+ \d+ (.*)$/.exec(line);
    if (entry !== null) {
      entries.push({ id: Number(entry[1]), text: entry[2] ?? '', line, dependsOn: [] });
      continue;
    }
    const depends = /^;\s+depends on: ([\d ]+)$/.exec(line);
    entries.at(-1)?.dependsOn.push(...(depends?.[1] ?? '').split(' ').filter(Boolean).map(Number));
  }
  const created = Date.parse(/^; Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/m.exec(list)?.[1] ?? '');
  return {
    entries,
    database: /^; +dbname: (.+)$/m.exec(list)?.[1],
    createdMs: Number.isNaN(created) ? undefined : created,
    serverVersion: /^; +Dumped from database version: (\S+)/m.exec(list)?.[1],
    format: /^; +Format: (\S+)/m.exec(list)?.[1]?.toLowerCase(),
  };
}

/** Is it the entry of that kind for that table? */
export const isEntryOf = (
  entry: ArchiveEntry,
  kind: 'TABLE' | 'TABLE DATA',
  { schema, name }: TableName,
): boolean => entry.text.startsWith(`${kind} ${schema} ${name} `);

/** What is defined on a table or a sequence of its own, as pg_restore calls it. */
const BELONGS =
  /^(TABLE DATA|TABLE ATTACH|INDEX ATTACH|SEQUENCE|DEFAULT|CONSTRAINT|CHECK CONSTRAINT|FK CONSTRAINT|INDEX|TRIGGER|RULE|POLICY|ROW SECURITY|STATISTICS|COMMENT|ACL) /;

/**
 * The entries that make up some tables: their partitions, data, keys, indexes, triggers, sequences. A foreign key is
 * among them only when both its tables are. `withNeeds`: also what they cannot be without (types,
 * functions, schemas), for a database that has none of it.
 */
export function entriesOfTables(
  archive: Archive,
  tables: readonly TableName[],
  withNeeds: boolean,
): readonly ArchiveEntry[] {
  const { entries } = archive;
  const isTable = new Set(
    entries.filter(({ text }) => /^TABLE (?!DATA |ATTACH )/.test(text)).map(({ id }) => id),
  );
  // A foreign key depends on the key that it refers to. Where the dump was made of some tables only and
  // lacks the other one, neither that key nor the table stands in it.
  const isKey = new Set(entries.filter(({ text }) => /^(CONSTRAINT|INDEX) /.test(text)).map(({ id }) => id));
  const refersOut = ({ text, dependsOn }: ArchiveEntry): boolean =>
    text.startsWith('FK CONSTRAINT ') && !dependsOn.some((other) => isKey.has(other));
  const chosen = new Set(tables.flatMap((table) => withPartitions(archive, table)));
  spread(chosen, () =>
    entries.filter(
      (entry) =>
        BELONGS.test(entry.text) &&
        entry.dependsOn.some((other) => chosen.has(other)) &&
        !entry.dependsOn.some((other) => isTable.has(other) && !chosen.has(other)) &&
        !refersOut(entry),
    ),
  );
  if (withNeeds) {
    spread(chosen, () => {
      const needed = new Set(entries.flatMap(({ id, dependsOn }) => (chosen.has(id) ? dependsOn : [])));
      return entries.filter(
        ({ id, text, dependsOn }) =>
          (needed.has(id) && !isTable.has(id)) ||
          (text.startsWith('SEQUENCE SET ') && dependsOn.some((other) => chosen.has(other))),
      );
    });
  }
  return entries.filter(({ id }) => chosen.has(id));
}

/** The entries of a table's rows, which are those of its partitions where it is made of some. */
export function rowsOfTable(archive: Archive, table: TableName): readonly ArchiveEntry[] {
  const tables = new Set(withPartitions(archive, table));
  return archive.entries.filter(
    ({ text, dependsOn }) => text.startsWith('TABLE DATA ') && dependsOn.some((other) => tables.has(other)),
  );
}

/** The numbers of a table and of its partitions, at any depth: what is attached bears the partition's name. */
function withPartitions(archive: Archive, table: TableName): readonly number[] {
  const chosen = new Set([tableEntry(archive, table).id]);
  const attached = archive.entries.filter(({ text }) => text.startsWith('TABLE ATTACH '));
  spread(chosen, () =>
    attached
      .filter(({ dependsOn }) => dependsOn.some((other) => chosen.has(other)))
      .flatMap(({ text, dependsOn }) =>
        archive.entries.filter(
          (entry) => dependsOn.includes(entry.id) && entry.text === text.replace('ATTACH ', ''),
        ),
      ),
  );
  return [...chosen];
}

function tableEntry(archive: Archive, table: TableName): ArchiveEntry {
  const entry = archive.entries.find((candidate) => isEntryOf(candidate, 'TABLE', table));
  if (entry !== undefined) return entry;
  throw new StepError(`the dump holds no table ${table.schema}.${table.name}`, { code: 'noSuchTable' });
}

/** Adds what belongs to the chosen ones until nothing is left to add. */
function spread(chosen: Set<number>, found: () => readonly ArchiveEntry[]): void {
  let before = -1;
  while (before !== chosen.size) {
    before = chosen.size;
    for (const { id } of found()) chosen.add(id);
  }
}

function archiveError(error: StepError, path: string): StepError {
  const said = error.message;
  if (/text format dump|valid archive|directory .* does not appear|did not find magic string/.test(said)) {
    return new StepError(`${path} is not a dump that pg_restore can read`, {
      code: 'notADump',
      hint: 'A dump in custom or directory format is needed. One of plain SQL is restored with psql.',
      details: error.details,
      cause: error,
    });
  }
  if (/unsupported version/.test(said)) {
    return new StepError(`${path} was written by a newer pg_dump than the pg_restore here can read`, {
      code: 'clientToolsTooOld',
      hint: 'Install the client tools of that PostgreSQL, or set PG_BINDIR to their folder.',
      details: error.details,
      cause: error,
    });
  }
  return error;
}
