import { randomBytes } from 'node:crypto';
import { count } from '../../base/human.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { openDatabase } from './client/connection.ts';
import { quoteIdentifier, quoteTable } from './client/identifiers.ts';
import type { TableName } from './client/server.ts';
import { findTables, rowsOf } from './client/server.ts';
import type { Session } from './client/session.ts';
import { text } from '../context/members.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['postgres.mask'];
type Result = Output['postgres.mask'];
type Column = Args['columns'][number];

/** No name below it is ever given to anybody (RFC 6761). */
const NOWHERE = '@masked.invalid';

/** What an address looks like inside of a longer text. */
const ADDRESS = String.raw`[[:alnum:]._%+''-]+@[[:alnum:].-]+[[:alnum:]]`;

/**
 * Replaces what columns say of people, each value by the same one wherever it stands, so that rows still belong
 * together. Then searches all of the database for what was replaced. One transaction: where something is left,
 * nothing was changed, and whoever reads the database has never seen a half of it.
 */
export const postgresMask: StepKind<Args, Result> = {
  name: 'postgres.mask',
  outputs: ['rows'],
  effect: () => 'destructive',
  describe: ({ database, columns }) =>
    `Mask ${columns.map(({ table, column }) => `${table}.${column}`).join(', ')} in ${nameOf(database)}`,
  targets: ({ database }) => [targetUse('databases', database, 'destructive')],

  async run({ database, columns }, context) {
    const session = await openDatabase(database, context);
    try {
      const places = await placesOf(session, columns);
      await session.command('begin');
      const result = await mask(session, context, places);
      await session.command('commit');
      return result;
    } finally {
      // What was not committed ends with the session.
      await session.close();
    }
  },

  // What is masked already is masked once more, which does no harm.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

/** A column, with its table as the server knows it. */
type Place = Column & { readonly at: TableName };

async function placesOf(session: Session, columns: readonly Column[]): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const column of columns) {
    for (const at of await findTables(session, [column.table])) places.push({ ...column, at });
  }
  return places;
}

/** The values that are replaced. One that is empty tells nothing. */
const told = (column: string): string => `${column}::text <> '' and ${column}::text <> all ($1::text[])`;

async function mask(session: Session, context: StepContext, places: readonly Place[]): Promise<Result> {
  await session.command('create temporary table drillbook_originals (value text primary key) on commit drop');
  for (const { at, column, keep = [] } of places) {
    const name = quoteIdentifier(column);
    await write(
      session,
      `insert into drillbook_originals select distinct ${name}::text from ${quoteTable(at)} where ${told(name)}
       on conflict do nothing`,
      [keep],
    );
  }
  const salt = randomBytes(16).toString('hex');
  let rows = 0;
  for (const { at, column, keep = [] } of places) {
    const name = quoteIdentifier(column);
    rows += await write(
      session,
      `update ${quoteTable(at)} set ${name} = 'masked-' || md5($2 || ${name}::text) || '${NOWHERE}' where ${told(name)}`,
      [keep, salt],
    );
  }
  const searched = await readable(session);
  await checkNoneLeft(session, context, searched);
  const [counted] = await rowsOf(session, 'select count(*)::int as values from drillbook_originals');
  return { rows, values: Number(counted?.['values'] ?? 0), searched: searched.length };
}

async function write(session: Session, text: string, params: Parameters<Session['run']>[1]): Promise<number> {
  return (await session.run(text, params, { maxRows: 0, writes: true })).rowCount;
}

interface Searched {
  readonly table: TableName;
  readonly column: string;
}

/** Every column that could hold a text: of tables, and of materialized views, which are copies. */
async function readable(session: Session): Promise<readonly Searched[]> {
  const rows = await rowsOf(
    session,
    `select n.nspname::text as schema, c.relname::text as name, a.attname::text as "column"
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_type t on t.oid = a.atttypid
     where c.relkind in ('r', 'm') and c.relpersistence <> 't' and a.attnum > 0 and not a.attisdropped
       and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_'
       and t.typcategory in ('S', 'A', 'U', 'C', 'E') and t.typname not in ('uuid', 'bytea')
       and (t.typcategory <> 'A' or t.typelem in (select oid from pg_type where typcategory in ('S', 'U', 'C')))
     order by 1, 2, a.attnum`,
  );
  return rows.map((row) => ({
    table: { schema: text(row, 'schema'), name: text(row, 'name') },
    column: text(row, 'column'),
  }));
}

/** Throws `StepError` where a value that was replaced still stands somewhere: as the whole, or as an address in a text. */
async function checkNoneLeft(
  session: Session,
  context: StepContext,
  searched: readonly Searched[],
): Promise<void> {
  const left: string[] = [];
  for (const [index, { table, column }] of searched.entries()) {
    context.progress(index, searched.length, 'columns');
    const value = `${quoteIdentifier(column)}::text`;
    const [row] = await rowsOf(
      session,
      `select count(*)::int as left from ${quoteTable(table)} where lower(${value}) in (select lower(value) from drillbook_originals)
       or (position('@' in ${value}) > 0 and exists (select from regexp_matches(${value}, '${ADDRESS}', 'g') as found
         where lower(found[1]) in (select lower(value) from drillbook_originals)))`,
    );
    const rows = Number(row?.['left'] ?? 0);
    if (rows > 0) left.push(`${table.schema}.${table.name}.${column} (${count(rows, 'row')})`);
  }
  if (left.length === 0) return;
  throw new StepError(`values that were to be masked still stand in ${left.join(', ')}`, {
    code: 'leftOver',
    hint: 'Nothing was changed. Name these columns too, in isolation.mask of the environment, or empty them.',
  });
}
