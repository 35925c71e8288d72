import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import { quoteTable } from '../client/identifiers.ts';
import type { TableName } from '../client/server.ts';
import { rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { insertOrder } from '../rows/order.ts';

/** Tables that are there and get rows. */
export interface TargetTables {
  /** In an order in which rows can be put in: those that others refer to come first. */
  readonly tables: readonly TableName[];
  /** For SQL: with their partitions, and without tables that inherit from them. */
  readonly list: string;
  /** Foreign keys of a circle, which no order serves: for SQL, with the table. */
  readonly circular: readonly { readonly table: string; readonly constraint: string }[];
  /** Other tables whose rows refer to theirs. */
  readonly referring: readonly string[];
}

/** Throws `StepError` when one of the tables is not there. */
export async function findTargets(session: Session, tables: readonly TableName[]): Promise<TargetTables> {
  const rows = await rowsOf(
    session,
    `select number::int, relkind = 'p' as parted, coalesce(pg_partition_root(c.oid), c.oid)::int8::text as root
     from unnest($1::text[]) with ordinality t (name, number) left join pg_class c on c.oid = to_regclass(name)
       and relkind in ('r', 'p') order by number`,
    [tables.map(quoteTable)],
  );
  const missing = tables.filter((_table, index) => typeof rows[index]?.['root'] !== 'string').map(tableText);
  if (missing.length > 0) {
    throw new StepError(`there is no table ${missing.join(', ')} in ${session.place} for the rows`, {
      code: 'noSuchTable',
      hint: 'Leave "data: only" out: then the table is made, too.',
    });
  }
  const targets = tables.map((table, index) => ({
    table,
    isParted: rows[index]?.['parted'] === true,
    root: text(rows[index] ?? {}, 'root'),
  }));
  const keys = await foreignKeys(session);
  const roots = [...new Set(targets.map(({ root }) => root))];
  const groups = insertOrder(roots, keys);
  const placeOf = (root: string): number => groups.findIndex((group) => group.includes(root));
  return {
    tables: [...targets].sort((a, b) => placeOf(a.root) - placeOf(b.root)).map(({ table }) => table),
    list: targets.map(({ table, isParted }) => `${isParted ? '' : 'only '}${quoteTable(table)}`).join(', '),
    circular: keys.filter(
      ({ child, parent, isDeferrable }) =>
        !isDeferrable && roots.includes(child) && placeOf(child) === placeOf(parent),
    ),
    referring: keys
      .filter(({ child, parent }) => roots.includes(parent) && !roots.includes(child))
      .map(({ table }) => table),
  };
}

interface Reference {
  /** The numbers of the tables; of partitions, that of the whole. */
  readonly child: string;
  readonly parent: string;
  readonly isDeferrable: boolean;
  /** For SQL. */
  readonly table: string;
  readonly constraint: string;
}

async function foreignKeys(session: Session): Promise<readonly Reference[]> {
  const rows = await rowsOf(
    session,
    `select coalesce(pg_partition_root(conrelid), conrelid)::int8::text as child, format('%I.%I', nspname, relname) as table,
       coalesce(pg_partition_root(confrelid), confrelid)::int8::text as parent, condeferrable as deferrable, quote_ident(conname) as name
     from pg_constraint join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = c.relnamespace
     where contype = 'f' and conparentid = 0`,
  );
  return rows.map((row) => ({
    child: text(row, 'child'),
    parent: text(row, 'parent'),
    isDeferrable: row['deferrable'] === true,
    table: text(row, 'table'),
    constraint: text(row, 'name'),
  }));
}

/** Throws `StepError` when rows are there, whoever may see them. */
export async function demandNoRows(session: Session, tables: readonly TableName[]): Promise<void> {
  await session.command('set row_security = off');
  const filled: string[] = [];
  for (const table of tables) {
    const [row] = await rowsOf(session, `select exists (select from ${quoteTable(table)}) as filled`);
    if (row?.['filled'] === true) filled.push(tableText(table));
  }
  if (filled.length === 0) return;
  throw new StepError(`there are rows in ${filled.join(', ')} of ${session.place} already`, {
    code: 'notEmpty',
    hint: 'Say "into: replace what is there" if the rows of the dump are to take their place.',
  });
}

const ENABLE: Readonly<Record<string, string>> = { O: 'enable', A: 'enable always' };

/**
 * Statements before and after rows are put in: triggers of the users' do not fire, as they do not where pg_restore
 * makes them after the rows, and foreign keys of a circle are looked at when all rows are there.
 */
export async function aroundRows(
  session: Session,
  { tables, circular }: TargetTables,
): Promise<{ readonly before: readonly string[]; readonly after: readonly string[] }> {
  const triggers = await rowsOf(
    session,
    // Not by pg_partition_tree, which would wait for the other session's lock.
    `with recursive parts (oid) as (
       select to_regclass(name)::oid from unnest($1::text[]) name
       union select i.inhrelid from parts join pg_inherits i on i.inhparent = parts.oid
         join pg_class c on c.oid = i.inhrelid and c.relispartition)
     select format('%I.%I', nspname, relname) as table, quote_ident(tgname) as name, tgenabled as state
     from parts join pg_trigger on tgrelid = parts.oid join pg_class c on c.oid = tgrelid join pg_namespace n on n.oid = relnamespace
     where not tgisinternal and tgenabled in ('O', 'A') order by 1, 2`,
    [tables.map(quoteTable)],
  );
  const changes = [
    ...triggers.map((row) => {
      const start = `alter table only ${text(row, 'table')}`;
      const name = text(row, 'name');
      const enable = ENABLE[text(row, 'state')] ?? 'enable';
      return { before: `${start} disable trigger ${name}`, after: `${start} ${enable} trigger ${name}` };
    }),
    ...circular.map(({ table, constraint }) => {
      const change = `alter table ${table} alter constraint ${constraint}`;
      return { before: `${change} deferrable initially deferred`, after: `${change} not deferrable` };
    }),
  ];
  return {
    before: [...changes.map(({ before }) => before), 'set constraints all deferred'],
    after: ['set constraints all immediate', ...changes.map(({ after }) => after)],
  };
}
