import { text } from '../../context/members.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import type { TableName } from '../client/server.ts';
import { rowsOf, tableText } from '../client/server.ts';
import type { Session } from '../client/session.ts';

export interface Column {
  readonly name: string;
  /** As PostgreSQL writes it: `character varying(20)`. */
  readonly type: string;
  readonly typeId: number;
  readonly isGenerated: boolean;
}

export interface TableShape extends TableName {
  /** `public.users`. */
  readonly label: string;
  /** For SQL. */
  readonly quoted: string;
  readonly columns: readonly Column[];
  /** The columns of the primary key, else of a unique key without nulls; empty when there is neither. */
  readonly key: readonly Column[];
}

export interface ForeignKey {
  readonly name: string;
  readonly child: string;
  readonly parent: string;
  readonly childColumns: readonly string[];
  readonly parentColumns: readonly string[];
  readonly cascades: boolean;
}

export async function readShape(session: Session, table: TableName): Promise<TableShape> {
  const quoted = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
  const rows = await rowsOf(
    session,
    `select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type, a.atttypid::int8 as id,
       a.attgenerated <> '' as generated, array_position(k.numbers, a.attnum) as place
     from pg_attribute a left join lateral (
       select i.indkey::int2[] as numbers from pg_index i
       where i.indrelid = a.attrelid and i.indisunique and i.indimmediate and i.indisvalid
         and i.indpred is null and i.indexprs is null and i.indnatts = i.indnkeyatts
         and not exists (select from pg_attribute c
           where c.attrelid = i.indrelid and c.attnum = any(i.indkey) and not c.attnotnull)
       order by i.indisprimary desc, i.indexrelid limit 1) k on true
     where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [quoted],
  );
  const columns = rows.map((row) => ({
    name: text(row, 'name'),
    type: text(row, 'type'),
    typeId: Number(row['id']),
    isGenerated: row['generated'] === true,
    place: row['place'] === null ? undefined : Number(row['place']),
  }));
  const key = columns.filter(({ place }) => place !== undefined);
  key.sort((left, right) => (left.place ?? 0) - (right.place ?? 0));
  return { ...table, label: tableText(table), quoted, columns, key };
}

export async function readForeignKeys(session: Session): Promise<readonly ForeignKey[]> {
  const names = (numbers: string, table: string): string =>
    `(select array_agg(a.attname::text order by o) from unnest(c.${numbers}) with ordinality u(n, o)
      join pg_attribute a on a.attrelid = c.${table} and a.attnum = u.n)`;
  const rows = await rowsOf(
    session,
    `select c.conname::text as name, c.confdeltype = 'c' as cascades,
       cn.nspname || '.' || ct.relname as child, pn.nspname || '.' || pt.relname as parent,
       ${names('conkey', 'conrelid')} as child_columns, ${names('confkey', 'confrelid')} as parent_columns
     from pg_constraint c
       join pg_class ct on ct.oid = c.conrelid join pg_namespace cn on cn.oid = ct.relnamespace
       join pg_class pt on pt.oid = c.confrelid join pg_namespace pn on pn.oid = pt.relnamespace
     where c.contype = 'f' and c.conparentid = 0 order by 1`,
  );
  return rows.map((row) => ({
    name: text(row, 'name'),
    child: text(row, 'child'),
    parent: text(row, 'parent'),
    childColumns: row['child_columns'] as readonly string[],
    parentColumns: row['parent_columns'] as readonly string[],
    cascades: row['cascades'] === true,
  }));
}

export const columnList = (columns: readonly { readonly name: string }[], of = ''): string =>
  columns.map(({ name }) => of + quoteIdentifier(name)).join(', ');

/** `a.x = b.x and a.y = b.y`. */
export const sameColumns = (
  left: string,
  leftColumns: readonly string[],
  right: string,
  rightColumns: readonly string[],
): string =>
  leftColumns
    .map(
      (column, index) =>
        `${left}.${quoteIdentifier(column)} = ${right}.${quoteIdentifier(rightColumns[index] ?? column)}`,
    )
    .join(' and ');

/** `json_build_object('id', s."id")`: a row's key, as a person reads it. */
export const keyJson = (key: readonly Column[], of: string): string =>
  `json_build_object(${key
    .map(({ name }) => `'${name.replaceAll("'", "''")}', ${of}.${quoteIdentifier(name)}`)
    .join(', ')})`;
