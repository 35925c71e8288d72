import { createHash } from 'node:crypto';
import type { BackupCheck } from './check.ts';
import { COPY, RESTORED, celText, lastOf, percent } from './check.ts';

/** A table that matters. */
export interface TableFacts {
  readonly table: string;
  readonly rows?: number | undefined;
  readonly share?: number | undefined;
  readonly newest?: { readonly column: string; readonly within: string } | undefined;
  readonly checksum?: string | undefined;
}

export interface QueryFacts {
  readonly name: string;
  readonly title?: string | undefined;
  readonly sql: string;
  readonly that: string;
  readonly else?: string | undefined;
  readonly broken?: string | undefined;
}

export interface CanaryFacts {
  readonly name: string;
  readonly table: string;
  readonly column: string;
  readonly where?: string | undefined;
  readonly sha256: string;
}

/** Every table at once: none is empty or gone that held rows when it was proven last. */
export function contentsCheck(since: string | undefined): BackupCheck {
  const { known, last } = lastOf('Contents', since);
  const lost = `${last}.tables.filter(t, t.rows > 0 && !output.tables.exists(u, u.table == t.table && u.rows > 0))`;
  return {
    id: 'Contents',
    title: 'It holds rows, in each table that held some when it was proven last',
    uses: 'postgres.contents',
    with: { database: COPY },
    when: RESTORED,
    that: `output.rows > 0 && (!${known} || size(${lost}) == 0)`,
    else: `\${{ output.rows == 0 ? "It was restored, and holds no row: " + string(size(output.tables)) + " tables" : "Empty or gone since it was proven last: " + join(${lost}.map(t, t.table), ", ") }}`,
    reading: '${{ output.rows }} rows in ${{ size(output.tables) }} tables',
    recalls: true,
    broken: 'emptied',
  };
}

/** What is said of one table: how many rows, which, and how new. */
export function tableChecks(facts: TableFacts, since: string | undefined): readonly BackupCheck[] {
  return [
    ...(facts.checksum === undefined || facts.rows !== undefined || facts.share !== undefined
      ? [rowsCheck(facts, since)]
      : []),
    ...(facts.newest === undefined ? [] : [newestCheck(facts.table, facts.newest)]),
    ...(facts.checksum === undefined ? [] : [checksumCheck(facts.table, facts.checksum, since)]),
  ];
}

function rowsCheck({ table, rows = 1, share }: TableFacts, since: string | undefined): BackupCheck {
  const id = `Rows${idOf(table)}`;
  const { known, last } = lastOf(id, since);
  const atLeast = `output.tables[0].rows >= ${rows}`;
  const keeps = `(!${known} || double(output.tables[0].rows) >= ${(share ?? 0).toFixed(4)} * double(${last}.tables[0].rows))`;
  const before = `\${{ ${known} ? ", and held " + string(${last}.tables[0].rows) + " when it was proven last" : "" }}`;
  return {
    id,
    title: `${table} holds ${rows} rows or more${share === undefined ? '' : `, and ${percent(share)} of those of last time`}`,
    uses: 'postgres.contents',
    with: { database: COPY, tables: [table] },
    when: RESTORED,
    that: share === undefined ? atLeast : `${atLeast} && ${keeps}`,
    else: `${table} holds \${{ output.rows }} rows${share === undefined ? '' : before}`,
    reading: `\${{ output.rows }} rows`,
    ...(share !== undefined && { recalls: true as const }),
    broken: 'emptied',
  };
}

const newestCheck = (
  table: string,
  { column, within }: { readonly column: string; readonly within: string },
): BackupCheck => ({
  id: `Newest${idOf(table)}`,
  title: `The newest row of ${table} is not older than ${within}`,
  uses: 'postgres.inspect',
  with: { database: COPY, tables: { [table]: { time: column } }, read: false },
  when: RESTORED,
  that: `output.newest != null && now - output.newest <= duration(${celText(within)})`,
  else: `\${{ output.newest == null ? output.trouble : "The newest ${column} of ${table} is " + string(output.newest) }}`,
  reading: '${{ string(output.newest) }}',
  broken: 'emptied',
});

function checksumCheck(table: string, wanted: string, since: string | undefined): BackupCheck {
  const id = `Checksum${idOf(table)}`;
  const { known, last } = lastOf(id, since);
  const seen = 'output.tables[0].checksum';
  const isSame = wanted === 'same';
  return {
    id,
    title: isSame
      ? `The rows of ${table} are those of last time`
      : `The rows of ${table} have their checksum`,
    uses: 'postgres.contents',
    with: { database: COPY, tables: [table], checksums: [table] },
    when: RESTORED,
    that: isSame
      ? `output.rows > 0 && (!${known} || ${seen} == ${last}.tables[0].checksum)`
      : `${seen} == ${celText(wanted)}`,
    else: `The checksum of ${table} is \${{ ${seen} }}, of \${{ output.rows }} rows`,
    reading: `\${{ output.rows }} rows, checksum \${{ ${seen} }}`,
    ...(isSame && { recalls: true as const }),
    broken: 'emptied',
  };
}

export const queryCheck = ({ name, title, sql, that, else: otherwise, broken }: QueryFacts): BackupCheck => ({
  id: `Query${capital(name)}`,
  title: title ?? name,
  uses: 'sql.query',
  with: { database: COPY, query: sql },
  when: RESTORED,
  that,
  else: otherwise ?? `It is not so: ${that}`,
  reading: '${{ output.count == 1 ? text(output.rows[0]) : string(output.count) + " rows" }}',
  broken: broken === undefined ? 'emptied' : { by: broken },
});

/** The digest is taken by the server: of bytes as they are, of anything else as it is written in UTF-8. */
export const canaryCheck = ({ name, table, column, where, sha256 }: CanaryFacts): BackupCheck => ({
  id: `Canary${capital(name)}`,
  title: `The canary ${name} came back byte for byte`,
  uses: 'sql.query',
  with: {
    database: COPY,
    query: `select encode(sha256(case when pg_typeof({column}) = 'bytea'::regtype then {column}::text::bytea else convert_to({column}::text, 'UTF8') end), 'hex') as sha256 from {table}${where === undefined ? '' : ` where ${where}`}`,
    identifiers: { table, column },
  },
  when: RESTORED,
  that: `size(output.rows) == 1 && output.rows[0].sha256 == ${celText(sha256)}`,
  else: `\${{ size(output.rows) == 1 ? "It came back, and not as it was written" : "There are " + string(size(output.rows)) + " rows where the canary was written" }}`,
  reading: 'sha256:${{ output.rows[0].sha256 }}',
  broken: 'emptied',
});

/** A part of an id for any name: its letters, and a digest where they do not say all. */
export function idOf(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const id = words.map(capital).join('');
  if (/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) return id;
  return `${id}${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
