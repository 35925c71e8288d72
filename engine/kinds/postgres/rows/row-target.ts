import { StepError } from '../../../model/kind.ts';
import { text, texts } from '../../context/members.ts';
import { insertOrder } from './order.ts';
import type { Selection } from './row-selection.ts';
import { keyedShape } from './row-selection.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import type { Column, ForeignKey, TableShape } from './shape.ts';
import { readForeignKeys } from './shape.ts';

/** A table that rows go into, with what is selected for it. */
export interface RowTarget {
  readonly shape: TableShape;
  readonly selection: Selection;
  /** Columns that are copied: those of both sides that the server does not compute itself. */
  readonly columns: readonly Column[];
  /** Columns of the source that the target does not have. */
  readonly leftOut: readonly string[];
  readonly isBinary: boolean;
  /** A temporary table in which the rows wait. */
  readonly stage: string;
  /** Foreign keys of this table. */
  readonly references: readonly ForeignKey[];
  readonly uniques: readonly Unique[];
}

/** A unique index other than the key: what its columns or expressions are, and for which rows it holds. */
export interface Unique {
  readonly name: string;
  readonly expressions: readonly string[];
  readonly predicate: string | undefined;
  readonly nullsAreEqual: boolean;
}

/**
 * Types whose binary form says the same on every server: those with fixed object ids and no ids of other
 * things inside. Enums, composites and what extensions add travel as text.
 */
const BINARY_SAFE: ReadonlySet<number> = new Set([
  16, 17, 18, 19, 20, 21, 23, 25, 114, 600, 601, 602, 603, 604, 650, 700, 701, 718, 774, 790, 829, 869, 1042,
  1043, 1082, 1083, 1114, 1184, 1186, 1266, 1560, 1562, 1700, 2950, 3802, 1000, 1001, 1002, 1003, 1005, 1007,
  1009, 1014, 1015, 1016, 1021, 1022, 1115, 1182, 1183, 1185, 1187, 1231, 2951, 3807, 199,
]);

/** Matches the selections with the tables of the target, in groups in the order in which they are filled. */
export async function findTargets(
  session: Session,
  selections: readonly Selection[],
): Promise<readonly (readonly RowTarget[])[]> {
  const references = await readForeignKeys(session);
  const targets = new Map<string, RowTarget>();
  for (const [index, selection] of selections.entries()) {
    const { schema, name, label } = selection.shape;
    const shape = await keyedShape(session, await sameTable(session, { schema, name, label }));
    const columns = columnsOf(selection, shape);
    targets.set(label, {
      ...columns,
      shape,
      selection,
      stage: `pg_temp.drillbook_stage_${index}`,
      references: references.filter(({ child }) => child === label),
      uniques: await uniquesOf(session, shape, columns.columns),
    });
  }
  return insertOrder([...targets.keys()], references).map((group) =>
    group.map((label) => targets.get(label) ?? missing(label)),
  );
}

async function sameTable(
  session: Session,
  table: { readonly schema: string; readonly name: string; readonly label: string },
): Promise<typeof table> {
  const [row] = await rowsOf(
    session,
    `select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`,
    [table.schema, table.name],
  );
  if (row !== undefined) return table;
  throw new StepError(`there is no table ${table.label} in ${session.place}`, {
    code: 'noSuchTable',
    hint: 'Restore the table first: postgres.restore with "tables".',
  });
}

function columnsOf(
  { shape: source }: Selection,
  shape: TableShape,
): Pick<RowTarget, 'columns' | 'leftOut' | 'isBinary'> {
  const columns = shape.columns.filter(
    ({ name, isGenerated }) => !isGenerated && source.columns.some((column) => column.name === name),
  );
  const keyNames = shape.key.map(({ name }) => name);
  if (keyNames.some((name) => !columns.some((column) => column.name === name))) {
    throw new StepError(`the table ${shape.label} has another key in the two databases`, { code: 'noKey' });
  }
  const leftOut = source.columns.filter(({ name }) => !shape.columns.some((column) => column.name === name));
  const isBinary = columns.every(({ name, type, typeId }) => {
    const other = source.columns.find((column) => column.name === name);
    return other?.typeId === typeId && other.type === type && BINARY_SAFE.has(typeId);
  });
  return { columns, leftOut: leftOut.map(({ name }) => name), isBinary };
}

async function uniquesOf(
  session: Session,
  shape: TableShape,
  copied: readonly Column[],
): Promise<readonly Unique[]> {
  const rows = await rowsOf(
    session,
    `select c.relname::text as name, pg_get_expr(i.indpred, i.indrelid) as predicate, i.indnullsnotdistinct as nulls,
       (select array_agg(pg_get_indexdef(i.indexrelid, n, true) order by n)
        from generate_series(1, i.indnkeyatts) n) as expressions,
       (select array_agg(a.attname::text) from pg_attribute a
        where a.attrelid = i.indrelid and (a.attnum = any(i.indkey) or exists (select from pg_depend d
          where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid
            and d.refobjid = i.indrelid and d.refobjsubid = a.attnum))) as columns
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = to_regclass($1) and i.indisunique and i.indisvalid order by 1`,
    [shape.quoted],
  );
  return rows
    .map((row) => ({
      name: text(row, 'name'),
      expressions: texts(row, 'expressions'),
      columns: texts(row, 'columns'),
      predicate: row['predicate'] === null ? undefined : text(row, 'predicate'),
      nullsAreEqual: row['nulls'] === true,
    }))
    .filter(({ columns, expressions, predicate }) => {
      const isKey =
        predicate === undefined &&
        columns.length === expressions.length &&
        columns.length === shape.key.length &&
        columns.every((name) => shape.key.some((column) => column.name === name));
      // What the server computes itself is not known before the row is there.
      return !isKey && columns.every((name) => copied.some((column) => column.name === name));
    });
}

function missing(label: string): never {
  throw new TypeError(`the table ${label} was lost`);
}
