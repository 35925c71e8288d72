import { stat, statfs } from 'node:fs/promises';
import type { ValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import type { ServerFacts } from '../client/server.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import type { Wants } from './wants.ts';

/** Something that a dump needs and the server does not give. */
interface Lack {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

/** Not available, or no file of that name at the server. */
const NOT_THERE = new Set(['0A000', '58P01', '22023', '42704']);
const MAY_NOT = '42501';

const ROLES_HINT = 'Map them to others with "roles", or leave owners and grants out with "noOwner: true".';
const INSTALL = 'Install the extension on the server that is restored to, or restore a dump without it.';
const ANOTHER_ROLE = 'Use a role that may.';

export interface Demand {
  readonly wants: Wants;
  readonly dumpedFrom: string | undefined;
  readonly server: ServerFacts;
  /** Of the dump. */
  readonly bytes: number;
}

/** Throws one `StepError` with everything that the dump needs and the server lacks. Nothing is changed. */
export async function demandAll(session: Session, demand: Demand): Promise<void> {
  const { wants, server, dumpedFrom } = demand;
  const lacks = [
    ...versionLack(dumpedFrom, server.version),
    ...(await encodingLack(session, wants.encoding)),
    ...(await missingNames(session, wants, server)),
    ...(await refusedTrials(session, wants)),
    ...(await diskLack(session, demand)),
  ];
  const [first] = lacks;
  if (first === undefined) return;
  const missing = lacks
    .filter(({ code }) => code === 'rolesMissing')
    .map(({ what }) => what.replace(/^the role /, ''));
  throw new StepError(
    `${session.place} lacks what the dump needs: ${lacks.map(({ what }) => what).join('; ')}`,
    {
      code: first.code,
      hint: [...new Set(lacks.map(({ hint }) => hint))].join(' '),
      details: { missing, lacks: lacks.map(({ code, what }): ValueMap => ({ code, what })) },
    },
  );
}

/** A dump may use what an older server does not know; the other way round is what PostgreSQL supports. */
function versionLack(dumped: string | undefined, server: string): readonly Lack[] {
  const major = Number.parseInt(dumped ?? '0', 10);
  if (dumped === undefined || major <= Number.parseInt(server, 10)) return [];
  return [
    {
      code: 'serverTooOld',
      what: `the dump is of PostgreSQL ${dumped}, and this server is ${server}`,
      hint: `Restore into a server of PostgreSQL ${major} or later.`,
    },
  ];
}

/** UTF-8 takes all others in, and a server without an encoding takes the bytes as they are. */
async function encodingLack(session: Session, dumped: string | undefined): Promise<readonly Lack[]> {
  const [row] = await rowsOf(session, "select current_setting('server_encoding') as encoding");
  const here = text(row ?? {}, 'encoding');
  const fits =
    dumped === undefined ||
    dumped === here ||
    here === 'SQL_ASCII' ||
    (here === 'UTF8' && dumped !== 'SQL_ASCII');
  if (fits) return [];
  return [
    {
      code: 'encoding',
      what: `the dump is in ${dumped}, and this database in ${here}, which cannot hold every character of it`,
      hint: `Restore into a database with the encoding ${dumped}.`,
    },
  ];
}

/** Each row is a name that is asked for, and what is wrong with it. */
const NAMES = `
  select 'rolesMissing' as code, 'the role ' || name as what from unnest($1::text[]) name
    where not exists (select from pg_roles where rolname = name)
  union all
  select 'permissionDenied', 'the right to give objects to the role ' || name from unnest($2::text[]) name
    join pg_roles on rolname = name where not pg_has_role(oid, $3)
  union all
  select 'tablespaceMissing', 'the tablespace ' || name from unnest($4::text[]) name
    where not exists (select from pg_tablespace where spcname = name and has_tablespace_privilege(oid, 'create'))
  union all
  select 'collationMissing', 'the collation ' || name from unnest($5::text[]) name
    where not exists (select from pg_collation where collname = name and collnamespace = 'pg_catalog'::regnamespace
      and collencoding in (-1, (select encoding from pg_database where datname = current_database())))
  union all
  select 'accessMethodMissing', 'the access method ' || name from unnest($6::text[]) name
    where not exists (select from pg_am where amname = name)`;

const HINTS: Readonly<Record<string, string>> = {
  rolesMissing: ROLES_HINT,
  permissionDenied: 'Use a role that may, or leave owners and grants out with "noOwner: true".',
  tablespaceMissing:
    'Make it, with the right to create in it, or restore a dump made with "pg_dump --no-tablespaces".',
  collationMissing:
    'Install the locale on the server, then run "select pg_import_system_collations(\'pg_catalog\')".',
  accessMethodMissing: 'Install what brings it on the server that is restored to.',
};

async function missingNames(session: Session, wants: Wants, server: ServerFacts): Promise<readonly Lack[]> {
  const { roles, owners, tablespaces, collations, accessMethods } = wants;
  const membership = server.major >= 16 ? 'set' : 'member';
  const rows = await rowsOf(session, NAMES, [
    roles,
    owners,
    membership,
    tablespaces,
    collations,
    accessMethods,
  ]);
  return rows.map((row) => {
    const code = text(row, 'code');
    return { code, what: text(row, 'what'), hint: HINTS[code] ?? ANOTHER_ROLE };
  });
}

/** In one transaction that is taken back: what a catalog says of rights, a provider may have arranged otherwise. */
async function refusedTrials(session: Session, { extensions, trials }: Wants): Promise<readonly Lack[]> {
  const rows = await rowsOf(
    session,
    'select name from unnest($1::text[]) name where not exists (select from pg_extension where extname = name)',
    [extensions],
  );
  const lacks: Lack[] = [];
  await session.command('begin');
  try {
    for (const name of rows.map((row) => text(row, 'name'))) {
      const refusal = await tried(session, [`create extension ${quoteIdentifier(name)} cascade`]);
      if (refusal?.code === MAY_NOT) {
        lacks.push({
          code: 'permissionDenied',
          what: `the right to make the extension ${name}`,
          hint: ANOTHER_ROLE,
        });
      } else if (refusal !== undefined && NOT_THERE.has(refusal.code)) {
        lacks.push({
          code: 'extensionMissing',
          what: `the extension ${name}: ${refusal.message}`,
          hint: INSTALL,
        });
      }
    }
    for (const { what, statements } of trials) {
      const refusal = await tried(session, statements);
      if (refusal?.code === MAY_NOT) {
        lacks.push({ code: 'permissionDenied', what: `the right to make ${what}`, hint: ANOTHER_ROLE });
      } else if (refusal !== undefined && NOT_THERE.has(refusal.code)) {
        lacks.push({
          code: 'collationMissing',
          what: `${what}: ${refusal.message}`,
          hint: HINTS['collationMissing'] ?? '',
        });
      }
    }
  } finally {
    await session.command('rollback');
  }
  return lacks;
}

/** What the server says against some statements, none of which stays. */
async function tried(session: Session, statements: readonly string[]): Promise<StepError | undefined> {
  await session.command('savepoint trial');
  try {
    for (const statement of statements) await session.command(statement);
    return undefined;
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  } finally {
    await session.command('rollback to savepoint trial');
  }
}

/**
 * A server does not tell what room it has. Where its files lie on this machine, which the time of its folder proves,
 * the disk is asked. What is restored is never smaller than its dump.
 */
async function diskLack(session: Session, { server, bytes }: Demand): Promise<readonly Lack[]> {
  if (!server.isSuperuser) return [];
  const [row] = await rowsOf(
    session,
    `select current_setting('data_directory') as folder,
       extract(epoch from (pg_stat_file('.')).modification)::bigint as changed`,
  );
  const folder = text(row ?? {}, 'folder');
  const here = await stat(folder).catch(() => undefined);
  if (here === undefined || Math.floor(here.mtimeMs / 1000) !== Number(row?.['changed'])) return [];
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes) return [];
  return [
    {
      code: 'diskFull',
      what: `room on the server's disk: the dump alone has ${bytes} bytes, and ${free} are free`,
      hint: 'Free space or enlarge the disk, then try again.',
    },
  ];
}
