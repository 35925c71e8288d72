import type { Value, ValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import type { Session } from './session.ts';

/** What a server says of itself. */
export interface ServerFacts {
  /** `15.18`. */
  readonly version: string;
  readonly major: number;
  readonly isSuperuser: boolean;
}

export async function serverFacts(session: Session): Promise<ServerFacts> {
  const [row = {}] = await rowsOf(
    session,
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as version,
       (select rolsuper from pg_roles where rolname = current_user) as superuser`,
  );
  return {
    version: text(row, 'version').split(' ')[0] ?? '',
    major: Math.floor(Number(row['number']) / 10_000),
    isSuperuser: row['superuser'] === true,
  };
}

/** All rows of a query of our own, which are few. */
export async function rowsOf(
  session: Session,
  text: string,
  params: readonly Value[] = [],
): Promise<readonly ValueMap[]> {
  return (await session.run(text, params, { maxRows: Number.MAX_SAFE_INTEGER, writes: false })).rows;
}

/** A table by its two names. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export const tableText = ({ schema, name }: TableName): string => `${schema}.${name}`;

/** Finds tables by what people call them. Throws `StepError` for one that is not there. */
export async function findTables(session: Session, names: readonly string[]): Promise<readonly TableName[]> {
  const found: TableName[] = [];
  for (const name of names) {
    const table = await findTable(session, name);
    if (table === undefined) {
      throw new StepError(`there is no table ${name} in ${session.place}`, {
        code: 'noSuchTable',
        hint: 'Name it with its schema where it is not in "public", in the letters that it was made with.',
      });
    }
    found.push(table);
  }
  return found;
}

/** A table by what people call it: `users`, as the search path finds it, or `public.users`. */
export async function findTable(session: Session, name: string): Promise<TableName | undefined> {
  const [row] = await rowsOf(
    session,
    `select n.nspname::text as schema, c.relname::text as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p')
       and ((n.nspname || '.' || c.relname) = $1 or (c.relname = $1 and pg_table_is_visible(c.oid)))`,
    [name],
  );
  return row === undefined ? undefined : { schema: text(row, 'schema'), name: text(row, 'name') };
}

/** Every table of the users', in the order of their names. Those of extensions are the extensions'. */
export async function allTables(session: Session): Promise<readonly TableName[]> {
  const rows = await rowsOf(
    session,
    `select n.nspname::text as schema, c.relname::text as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
       and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
       and not exists (select from pg_depend d
         where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1, 2`,
  );
  return rows.map((row) => ({ schema: text(row, 'schema'), name: text(row, 'name') }));
}
