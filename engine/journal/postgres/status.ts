import type { Database } from './link.ts';
import { Link, guarded } from './link.ts';
import type { Tables } from './tables.ts';
import { SCHEMA, tablesIn } from './tables.ts';

export interface DatabaseStatus {
  readonly server: string;
  /** Whose clock, disk and backups it has: undefined where this account may not ask. */
  readonly systemIdentifier: string | undefined;
  readonly account: string;
  readonly may: 'own' | 'write' | 'read';
  readonly runs: number;
  readonly unsealed: number;
  readonly lines: number;
  readonly files: number;
  readonly fileBytes: number;
  /** Of all tables, with indexes. */
  readonly bytes: number;
  /** Who writes now, on what, and for how long his lease lasts if he is not heard of again. */
  readonly writers: readonly { readonly on: string; readonly holder: string; readonly leftMs: number }[];
}

/** What a store in a database holds, and as whom one is there. */
export function databaseStatus(database: Database, schema = SCHEMA): Promise<DatabaseStatus> {
  return guarded(`the store in ${database.place} cannot be read`, async () => {
    const t = tablesIn(schema);
    const link = new Link(database, t);
    try {
      const [row = {}] = await link.ask(statusQuery(t));
      const writers = await link.ask(
        `select name, holder, extract(epoch from until - clock_timestamp()) * 1000 as left_ms
         from ${t.leases} where until > clock_timestamp() order by name`,
      );
      const count = (name: string): number => Number(row[name]);
      return {
        server: String(row['server']),
        systemIdentifier: await systemIdentifierOf(link),
        account: String(row['account']),
        may: row['owns'] === true ? 'own' : row['writes'] === true ? 'write' : 'read',
        runs: count('runs'),
        unsealed: count('unsealed'),
        lines: count('lines'),
        files: count('files'),
        fileBytes: count('file_bytes'),
        bytes: count('bytes'),
        writers: writers.map((each) => ({
          on: String(each['name']),
          holder: String(each['holder']),
          leftMs: Math.round(Number(each['left_ms'])),
        })),
      };
    } finally {
      await link.close();
    }
  });
}

/** Whether this account may add lines. */
export async function mayWrite(link: Link, { lines }: Tables): Promise<boolean> {
  const [row] = await link.ask(`select has_table_privilege($1, 'insert') as may`, [lines]);
  return row?.['may'] === true;
}

/** The number that initdb gave the server, which a physical copy inherits; undefined where the role may not read it. */
export async function systemIdentifierOf(link: Link): Promise<string | undefined> {
  try {
    const [row] = await link.ask('select system_identifier::text as id from pg_control_system()');
    return row && String(row['id']);
  } catch {
    return undefined;
  }
}

const statusQuery = (t: Tables): string => `
  select current_setting('server_version') as server, current_user::text as account,
    has_table_privilege('${t.lines}', 'delete') as owns, has_table_privilege('${t.lines}', 'insert') as writes,
    (select count(*) from ${t.journals} where kind = 'run' and seq > 0)::text as runs,
    (select count(*) from ${t.journals} where kind = 'run' and seq > 0 and not sealed)::text as unsealed,
    (select count(*) from ${t.lines})::text as lines,
    (select count(*) from ${t.attachments})::text as files,
    (select coalesce(sum(bytes), 0) from ${t.attachments})::text as file_bytes,
    (select sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = '${t.schema}' and c.relkind = 'r')::text as bytes`;
