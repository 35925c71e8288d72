import { text } from '../../context/members.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** The schema that marks a database whose restore is not finished. */
export const MARKER = 'drillbook_restore';

/** Schemas of users: not PostgreSQL's own, not an extension's, not the marker of a restore. */
const USER_SCHEMAS = `select n.oid, n.nspname from pg_namespace n
  where n.nspname not in ('pg_catalog', 'information_schema', '${MARKER}') and n.nspname !~ '^pg_(toast|temp)'
    and not exists (select from pg_depend d
      where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')`;

/**
 * What users made: whatever stands in a schema of theirs (what hangs on it goes with it: indexes, constraints,
 * triggers), and the schemas themselves. Extensions stay: they may be another's to drop.
 */
const OBJECTS = `with schemas as (${USER_SCHEMAS})
  select i.type, i.identity from schemas s
    join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = s.oid and d.deptype = 'n'
    cross join lateral pg_identify_object(d.classid, d.objid, 0) i
  where i.type not in ('extension', 'default acl') and not exists (select from pg_depend e
      where e.classid = d.classid and e.objid = d.objid and e.deptype in ('e', 'i', 'a', 'P', 'S'))
  union all
  select 'schema', quote_ident(s.nspname) from schemas s
  where s.nspname <> 'public' and not exists (select from pg_extension x where x.extnamespace = s.oid)`;

/** Some of what is in the database, for a message; empty when nothing is. */
export async function someContents(session: Session): Promise<readonly string[]> {
  const rows = await rowsOf(session, `${OBJECTS} limit 5`);
  return rows.map((row) => `${text(row, 'type')} ${text(row, 'identity')}`);
}

/** Drops everything that users made, in the transaction that is open. What another role owns is refused by the server. */
export async function dropContents(session: Session): Promise<void> {
  await session.command(`do $drop$
    declare
      object record;
    begin
      for object in ${OBJECTS} loop
        execute format('drop %s if exists %s cascade', object.type, object.identity);
      end loop;
      perform lo_unlink(oid) from pg_largeobject_metadata;
    end
  $drop$`);
}
