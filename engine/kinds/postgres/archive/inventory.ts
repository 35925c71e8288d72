import { text } from '../../context/members.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** The schema that marks a database whose restore is not finished. */
export const MARKER = 'drillbook_restore';

/** The first object identifier that PostgreSQL gives to what users make. */
const FIRST_OF_USERS = 16_384;

/**
 * Catalogs whose rows are objects: all that have an identifier, whatever the version knows. Those that servers share
 * belong to no database, but for subscriptions; the words of an enum are parts of it.
 */
const CATALOGS = `select c.relname::text as name from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'oid'
  where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and not c.relisshared and c.relname <> 'pg_enum'
  order by 1`;

/** One object of a database, as the catalogs number it. */
export interface DatabaseObject {
  readonly catalog: string;
  readonly oid: string;
  /** `view`, `foreign-data wrapper`. */
  readonly type: string;
  readonly identity: string;
}

/**
 * What users made in a database, inside of schemas and outside, all of it: not what hangs on another object and
 * goes with it (indexes, constraints, triggers), not extensions and what is theirs, which may be another's to drop.
 */
export async function inventoryOf(session: Session): Promise<readonly DatabaseObject[]> {
  const catalogs = await rowsOf(session, CATALOGS);
  const found = catalogs.map((row) => {
    const name = text(row, 'name');
    // With options that hold passwords: others than superusers see only a view of it.
    if (name === 'pg_user_mapping')
      return `select 'pg_user_mapping'::regclass::oid, umid from pg_user_mappings`;
    // A large object is known by the catalog of its pages, and listed by that of its rights.
    const catalog = name === 'pg_largeobject_metadata' ? 'pg_largeobject' : name;
    return `select '${catalog}'::regclass::oid as catalog, oid from ${name} where oid >= ${FIRST_OF_USERS}`;
  });
  const rows = await rowsOf(
    session,
    `with found as (${found.join(' union all ')}
       union all select 'pg_subscription'::regclass::oid, oid from pg_subscription
         where subdbid = (select oid from pg_database where datname = current_database()))
     select f.catalog::text, f.oid::text, i.type, i.identity from found f
       cross join lateral pg_identify_object(f.catalog, f.oid, 0) i
     where i.identity is not null and coalesce(i.schema, i.name, '') !~ '^pg_(toast|temp)' and i.type <> 'extension'
       and (i.type <> 'schema' or (i.name not in ('public', '${MARKER}')
         and not exists (select from pg_extension x where x.extnamespace = f.oid)))
       and not exists (select from pg_depend d where d.classid = f.catalog and d.objid = f.oid
         and (d.deptype = 'e' or (d.deptype in ('i', 'a', 'P', 'S') and (d.refclassid, d.refobjid) <> (f.catalog, f.oid))))
     order by case i.type when 'event trigger' then 0 when 'subscription' then 1 when 'schema' then 3 else 2 end, 3, 4`,
  );
  return rows.map((row) => ({
    catalog: text(row, 'catalog'),
    oid: text(row, 'oid'),
    type: text(row, 'type'),
    identity: text(row, 'identity'),
  }));
}

/** What makes a database one that is not empty: rights that a provider grants beforehand do not. */
export const contentsOf = async (session: Session): Promise<readonly DatabaseObject[]> =>
  (await inventoryOf(session)).filter(({ type }) => type !== 'default acl');

/**
 * One statement that drops objects, each with what hangs on it; one that went with another is passed over. What
 * another role owns is refused by the server.
 */
export function dropStatement(objects: readonly DatabaseObject[]): string {
  const list = objects.map(({ catalog, oid }) => `(${catalog}, ${oid})`).join(', ');
  return `do $drop$
    declare
      object record;
      named record;
      parts record;
    begin
      for object in select n.catalog::oid, n.oid::oid from (values ${list}) n (catalog, oid) loop
        select * into named from pg_identify_object(object.catalog, object.oid, 0);
        continue when named.identity is null;
        select object_names as names, object_args as args into parts
          from pg_identify_object_as_address(object.catalog, object.oid, 0);
        case named.type
          when 'large object' then perform lo_unlink(object.oid);
          when 'subscription' then
            -- The slot at the publisher is not this database's to drop.
            execute format('alter subscription %s set (slot_name = none)', named.identity);
            execute format('drop subscription %s', named.identity);
          when 'user mapping' then
            execute format('drop user mapping for %s server %I',
              case parts.names[1] when 'public' then 'public' else quote_ident(parts.names[1]) end, parts.args[1]);
          when 'transform' then
            execute format('drop transform for %s language %I cascade', parts.names[1], parts.args[1]);
          when 'default acl' then ${REVOKE_DEFAULTS}
          else execute format('drop %s if exists %s cascade', replace(named.type, '-', ' '), named.identity);
        end case;
      end loop;
    end
  $drop$`;
}

/** Takes default rights back to what they are where nobody has said anything; then PostgreSQL keeps no entry of them. */
const REVOKE_DEFAULTS = `
            declare
              change record;
            begin
              for change in
                with entry as (
                  select a.*, format('alter default privileges for role %s%s ', defaclrole::regrole,
                      ' in schema ' || quote_ident(nspname)) as start,
                    case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
                      when 'T' then 'types' when 'n' then 'schemas' else 'large objects' end as things
                  from pg_default_acl a left join pg_namespace n on n.oid = defaclnamespace where a.oid = object.oid),
                grantees as (select e.*, x.*, case grantee when 0 then 'public' else grantee::regrole::text end as name
                  from entry e cross join lateral aclexplode(defaclacl) x),
                usual as (select e.*, x.*, case grantee when 0 then 'public' else grantee::regrole::text end as name
                  from entry e cross join lateral aclexplode(acldefault(
                    case defaclobjtype when 'S' then 's' else defaclobjtype end, defaclrole)) x
                  where defaclnamespace = 0)
                select distinct 0 as step, format('%srevoke all on %s from %s', start, things, name) as statement from grantees
                union all select 1, format('%sgrant %s on %s to %s', start, privilege_type, things, name) from usual
                order by step
              loop
                execute change.statement;
              end loop;
            end;`;

/** Objects that are dropped in one transaction: each takes a lock, and the server's table of locks is small. */
const AT_ONCE = 50;

/** Drops them in many transactions. */
export async function dropInBatches(session: Session, objects: readonly DatabaseObject[]): Promise<void> {
  for (let at = 0; at < objects.length; at += AT_ONCE) {
    await session.command(dropStatement(objects.slice(at, at + AT_ONCE)));
  }
}
