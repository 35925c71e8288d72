import type { ValueMap } from '../../../base/value.ts';
import { text } from '../../context/members.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import { quoteLiteral } from '../client/literals.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** Settings whose value is a list of names, which the catalog keeps quoted as they are written. */
const LISTS = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** A catalog row as JSON has just the columns that the version knows. */
const DATABASE = `select to_jsonb(d) as row, pg_encoding_to_char(encoding) as encoding, datcollate::text as collate,
    datctype::text as ctype, spcname::text as tablespace, pg_get_userbyid(datdba)::text as owner,
    datconnlimit as limit, shobj_description(d.oid, 'pg_database') as comment
  from pg_database d join pg_tablespace t on t.oid = dattablespace where datname = current_database()`;

/** Makes an empty database with the owner, encoding, locale and tablespace of the one that a session is in. */
export async function createLikeCurrent(session: Session, name: string): Promise<void> {
  const [found = {}] = await rowsOf(session, DATABASE);
  await session.command(
    `create database ${quoteIdentifier(name)} template template0 owner ${quoteIdentifier(text(found, 'owner'))}
     encoding ${quoteLiteral(text(found, 'encoding'))} ${localeOf(found)} ${tablespaceOf(found)}`,
  );
}

/** The usual one is not named: only whoever may create in it could. */
const tablespaceOf = (found: ValueMap): string => {
  const name = text(found, 'tablespace');
  return name === 'pg_default' ? '' : `tablespace ${quoteIdentifier(name)}`;
};

function localeOf(found: ValueMap): string {
  const row = found['row'] as ValueMap;
  const written = (option: string, value: unknown): string =>
    typeof value === 'string' ? ` ${option} ${quoteLiteral(value)}` : '';
  const provider = { c: 'libc', i: 'icu', b: 'builtin' }[text(row, 'datlocprovider')] ?? 'libc';
  // PostgreSQL 17 has one column for what 15 and 16 kept for ICU alone.
  const locale = row['datlocale'] ?? row['daticulocale'];
  return (
    `locale_provider ${provider}` +
    written('lc_collate', found['collate']) +
    written('lc_ctype', found['ctype']) +
    (provider === 'libc' ? '' : written(provider === 'icu' ? 'icu_locale' : 'builtin_locale', locale)) +
    written('icu_rules', row['daticurules'])
  );
}

/**
 * What is said of the database that a session is in and stands in no dump, as statements that say the same of another:
 * grants, settings (for roles, too), the limit of connections, the comment, security labels.
 */
export async function propertiesFor(session: Session, name: string): Promise<readonly string[]> {
  const database = quoteIdentifier(name);
  const [found = {}] = await rowsOf(session, DATABASE);
  const grants = await rowsOf(
    session,
    `select privilege_type as right, case grantee when 0 then 'public' else grantee::regrole::text end as grantee,
       is_grantable as grantable, datdba::regrole::text as owner
     from pg_database cross join lateral aclexplode(datacl) where datname = current_database()`,
  );
  const settings = await rowsOf(
    session,
    `select case setrole when 0 then null else setrole::regrole::text end as role, setting
     from pg_db_role_setting cross join lateral unnest(setconfig) setting
     where setdatabase = (select oid from pg_database where datname = current_database())`,
  );
  const labels = await rowsOf(
    session,
    `select provider, label from pg_shseclabel where classoid = 'pg_database'::regclass
       and objoid = (select oid from pg_database where datname = current_database())`,
  );
  const owner = grants[0]?.['owner'];
  return [
    ...(typeof owner === 'string' ? [`revoke all on database ${database} from public, ${owner}`] : []),
    ...grants.map(
      (row) =>
        `grant ${text(row, 'right')} on database ${database} to ${text(row, 'grantee')}${row['grantable'] === true ? ' with grant option' : ''}`,
    ),
    ...settings.map((row) => {
      const who = row['role'] === null ? '' : `role ${text(row, 'role')} in `;
      return `alter ${who}database ${database} set ${settingOf(text(row, 'setting'))}`;
    }),
    `alter database ${database} connection limit ${Number(found['limit'])}`,
    ...(typeof found['comment'] === 'string'
      ? [`comment on database ${database} is ${quoteLiteral(found['comment'])}`]
      : []),
    ...labels.map(
      (row) =>
        `security label for ${quoteIdentifier(text(row, 'provider'))} on database ${database} is ${quoteLiteral(text(row, 'label'))}`,
    ),
  ];
}

function settingOf(setting: string): string {
  const name = setting.slice(0, setting.indexOf('='));
  const value = setting.slice(name.length + 1);
  // A list may hold the empty name, which SQL takes as a text only.
  return `${name.split('.').map(quoteIdentifier).join('.')} to ${LISTS.has(name) ? value.replaceAll('""', "''") : quoteLiteral(value)}`;
}
