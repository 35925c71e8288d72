import { text } from '../../context/members.ts';
import type { Sides } from './compare-rows.ts';
import type { Difference } from './differences.ts';
import { differencesOf } from './differences.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import type { Output } from '../../types.ts';

/** Something that a database works with and that pg_dump writes into no dump. */
type Surrounding = Output['postgres.dump']['notCarried'][number];

/**
 * A setting that the server knows is told with its value. Of others, which an application has made up and where keys
 * and passwords are put, only a digest is: whether two are equal can still be seen.
 */
const VALUE = `case when exists (select from pg_settings s where lower(s.name) = lower(split_part(said, '=', 1)))
  then substr(said, strpos(said, '=') + 1)
  else 'a value with the digest ' || left(encode(sha256(convert_to(said, 'UTF8')), 'hex'), 12) end`;

/** Of the database itself, where `pg_dump --create` and pg_dumpall would write it. */
const OF_THE_DATABASE = `
  select 'owner of the database' as object, pg_get_userbyid(datdba)::text as definition from here
  union all
  select 'encoding of the database', concat_ws(', ', pg_encoding_to_char(encoding),
      case datlocprovider when 'i' then 'ICU' when 'b' then 'builtin' else 'libc' end, datcollate, datctype,
      coalesce(to_jsonb(here) ->> 'datlocale', to_jsonb(here) ->> 'daticulocale'), to_jsonb(here) ->> 'daticurules')
    from here
  union all
  select 'tablespace of the database', spcname from here join pg_tablespace t on t.oid = dattablespace
  union all
  select 'connection limit of the database', datconnlimit::text from here
  union all
  select 'comment on the database', shobj_description(oid, 'pg_database') from here
  union all
  select 'security label of the database for ' || provider, label from here join pg_shseclabel on objoid = oid
    where classoid = 'pg_database'::regclass
  union all
  select 'grants on the database to ' || case grantee when 0 then 'public' else pg_get_userbyid(grantee) end,
      string_agg(privilege_type || case when is_grantable then ' with grant option' else '' end, ', ' order by privilege_type)
    from here cross join lateral aclexplode(coalesce(datacl, acldefault('d', datdba))) group by grantee
  union all
  select 'setting ' || split_part(said, '=', 1) || ' of '
      || case setrole when 0 then 'the database' else 'the role ' || pg_get_userbyid(setrole) || ' in the database' end, ${VALUE}
    from here join pg_db_role_setting on setdatabase = oid cross join lateral unnest(setconfig) said`;

const OF_ROLES = `
  select 'role ' || rolname, concat_ws(', ', case when rolcanlogin then 'login' else 'no login' end,
      case when rolsuper then 'superuser' end, case when rolcreatedb then 'createdb' end,
      case when rolcreaterole then 'createrole' end, case when rolreplication then 'replication' end,
      case when rolbypassrls then 'bypassrls' end, case when not rolinherit then 'noinherit' end,
      case when rolconnlimit >= 0 then 'connection limit ' || rolconnlimit end,
      'valid until ' || (to_jsonb(rolvaliduntil at time zone 'UTC') #>> '{}'))
    from pg_roles where rolname !~ '^pg_'
  union all
  select 'comment on the role ' || rolname, shobj_description(oid, 'pg_authid') from pg_roles where rolname !~ '^pg_'
  union all
  select 'membership of ' || member.rolname || ' in ' || of.rolname, concat_ws(', ',
      case when bool_or(coalesce((to_jsonb(a) ->> 'inherit_option')::bool, member.rolinherit)) then 'inherit' else 'no inherit' end,
      case when not bool_or(coalesce((to_jsonb(a) ->> 'set_option')::bool, true)) then 'no set' end,
      case when bool_or(admin_option) then 'admin' end)
    from pg_auth_members a join pg_roles of on of.oid = a.roleid join pg_roles member on member.oid = a.member
    where member.rolname !~ '^pg_' group by member.rolname, of.rolname
  union all
  select 'setting ' || split_part(said, '=', 1) || ' of the role ' || pg_get_userbyid(setrole), ${VALUE}
    from pg_db_role_setting cross join lateral unnest(setconfig) said where setdatabase = 0 and setrole <> 0
  union all
  select 'setting ' || split_part(said, '=', 1) || ' of all roles', ${VALUE}
    from pg_db_role_setting cross join lateral unnest(setconfig) said where setdatabase = 0 and setrole = 0`;

/** Settings of the server that change what a statement does, and what has to be loaded; not those of its memory and logs. */
const OF_THE_SERVER = `
  select 'parameter ' || name, reset_val from pg_settings
    where source in ('configuration file', 'command line', 'environment variable')
      and (context in ('user', 'superuser') and category !~ '^(Reporting and Logging|Resource Usage|Developer Options)'
        or name in ('shared_preload_libraries', 'wal_level', 'max_prepared_transactions'))
  union all
  select 'grants on the parameter ' || parname || ' to ' || case grantee when 0 then 'public' else pg_get_userbyid(grantee) end,
      string_agg(privilege_type, ', ' order by privilege_type)
    from pg_parameter_acl cross join lateral aclexplode(paracl) group by parname, grantee
  union all
  select 'tablespace ' || spcname, concat_ws(', ', pg_tablespace_location(oid), 'of ' || pg_get_userbyid(spcowner),
      array_to_string(spcoptions, ', '), (select string_agg(privilege_type || ' to '
        || case grantee when 0 then 'public' else pg_get_userbyid(grantee) end, ', ' order by grantee, privilege_type) from aclexplode(spcacl)))
    from pg_tablespace where spcname !~ '^pg_'`;

const OF_REPLICATION = `
  select 'replication slot ' || slot_name, concat_ws(', ', slot_type, plugin, case when two_phase then 'two-phase' end)
    from pg_replication_slots where not temporary and (database is null or database = current_database())
  union all
  select 'replication origin ' || roname, 'origin' from pg_replication_origin where roname !~ '^pg_[0-9]+$'
  union all
  select 'state of the subscription ' || subname, concat_ws(', ', case when subenabled then 'enabled' else 'disabled' end,
      'slot ' || subslotname, (select count(*) filter (where srsubstate = 'r') || ' of ' || count(*) || ' tables ready'
        from pg_subscription_rel where srsubid = s.oid))
    from pg_subscription s join here on here.oid = subdbid
  union all
  select 'prepared transaction ' || gid, 'of ' || owner from pg_prepared_xacts where database = current_database()`;

/** What stands in the database and pg_dump leaves out. */
const LEFT_OUT = `
  select 'version of the extension ' || extname, extversion from pg_extension
  union all
  select 'rows of the table ' || c.oid::regclass || ', which an extension made', 'of ' || extname
    from pg_extension e join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid and d.deptype = 'e'
      join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
    where c.relkind in ('r', 'p') and c.oid <> all(coalesce(extconfig, '{}'))
  union all
  select 'rows of the foreign table ' || ftrelid::regclass, 'at the server ' || srvname
    from pg_foreign_table join pg_foreign_server s on s.oid = ftserver
  union all
  select 'invalid index ' || indexrelid::regclass, pg_get_indexdef(indexrelid)
    from pg_index join pg_class c on c.oid = indrelid where not indisvalid and c.relkind <> 'p'`;

/** All that there is of it, in the order of its names. Every role may ask; passwords nobody is told. */
export async function surroundingsOf(session: Session): Promise<Surrounding[]> {
  const parts = [OF_THE_DATABASE, OF_ROLES, OF_THE_SERVER, OF_REPLICATION, LEFT_OUT];
  const rows = await rowsOf(
    session,
    `with here as (select * from pg_database where datname = current_database())
     select object, definition from (${parts.join(' union all ')}) found where definition is not null order by object collate "C"`,
  );
  return rows.map((row) => ({ object: text(row, 'object'), definition: text(row, 'definition') }));
}

export async function compareSurroundings({ left, right }: Sides): Promise<readonly Difference[]> {
  const [mine, other] = await Promise.all([surroundingsOf(left), surroundingsOf(right)]);
  return differencesOf(byName(mine), byName(other));
}

const byName = (surroundings: readonly Surrounding[]): ReadonlyMap<string, string> =>
  new Map(surroundings.map(({ object, definition }) => [object, definition]));
