import { readFile, rm } from 'node:fs/promises';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { text } from '../../context/members.ts';
import type { ClientTools } from '../client/client-tools.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import { runProgram } from '../client/program.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';

/** A role's name as pg_dump writes it. */
const ROLE = String.raw`("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const OWNER = new RegExp(String.raw`^(ALTER .+ OWNER TO )${ROLE}(;)$`, 'u');
const GRANT = new RegExp(
  String.raw`^((?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .+ (?:TO|FROM) )${ROLE}( WITH GRANT OPTION)?(;)$`,
  'u',
);
const FOR_ROLE = new RegExp(String.raw`^(ALTER DEFAULT PRIVILEGES FOR ROLE )${ROLE}( .*;)$`, 'u');
const ENTRY = /^-- (?:Data for )?Name: .*; Type: (.+); Schema: .*; Owner: .*$/;

/** Who owns and who may do what, out of the SQL text of a dump's schema. */
export interface Ownership {
  readonly statements: readonly string[];
  /** Roles that they name, as plain names. */
  readonly roles: readonly string[];
}

/** Has pg_restore write the schema of a dump as SQL, and takes the owners and grants out of it. */
export async function readOwnership(options: {
  readonly from: string;
  readonly listFile: string;
  readonly roles: Readonly<Record<string, string>>;
  readonly tools: ClientTools;
  readonly context: StepContext;
}): Promise<Ownership> {
  const { from, listFile, roles, tools, context } = options;
  const script = `${listFile}.sql`;
  try {
    await runProgram({
      file: tools.restore,
      argv: ['--schema-only', `--use-list=${listFile}`, `--file=${script}`, from],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      context,
    });
    return ownershipOf(await readFile(script, 'utf8'), roles);
  } finally {
    await rm(script, { force: true });
  }
}

/**
 * Takes the owners and grants out of a schema as pg_restore writes it, with each role replaced as `mapping`
 * says. Only lines that pg_restore itself writes are taken: the last of an entry for its owner, and those
 * of the entries of grants; a function's body is never looked into.
 */
export function ownershipOf(script: string, mapping: Readonly<Record<string, string>>): Ownership {
  const statements: string[] = [];
  const roles = new Set<string>();
  const mapped = (written: string): string => {
    if (written === 'PUBLIC') return written;
    const name = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
    const role = mapping[name] ?? name;
    roles.add(role);
    return quoteIdentifier(role);
  };
  const add = (line: string): void => {
    const placed = line
      .replace(FOR_ROLE, (_all, before: string, role: string, after: string) => before + mapped(role) + after)
      .replace(OWNER, (_all, before: string, role: string, after: string) => before + mapped(role) + after)
      .replace(
        GRANT,
        (_all, before: string, role: string, option: string | undefined, after: string) =>
          before + mapped(role) + (option ?? '') + after,
      );
    statements.push(placed);
  };
  for (const { type, lines } of entriesOf(script)) {
    if (type === 'ACL' || type === 'DEFAULT ACL') for (const line of lines.filter(isStatement)) add(line);
    else {
      const last = lines.findLast((line) => line !== '' && line !== '--');
      if (last !== undefined && OWNER.test(last)) add(last);
    }
  }
  return { statements, roles: [...roles] };
}

const isStatement = (line: string): boolean => /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .*;$/.test(line);

function entriesOf(script: string): { readonly type: string; readonly lines: string[] }[] {
  const entries: { type: string; lines: string[] }[] = [];
  for (const line of script.split('\n')) {
    const type = ENTRY.exec(line)?.[1];
    if (type !== undefined) entries.push({ type, lines: [] });
    // A line with a backslash is for psql.
    else if (!/^(-- PostgreSQL database dump complete|\\)/.test(line)) entries.at(-1)?.lines.push(line);
  }
  return entries;
}

/** Throws `StepError` when a role that is needed is not there: pg_restore would find out half-way. */
export async function demandRoles(session: Session, roles: readonly string[]): Promise<void> {
  const rows = await rowsOf(
    session,
    'select name from unnest($1::text[]) name where not exists (select from pg_roles where rolname = name)',
    [roles],
  );
  if (rows.length === 0) return;
  const missing = rows.map((row) => text(row, 'name'));
  throw new StepError(`the dump names roles that ${session.place} does not have: ${missing.join(', ')}`, {
    code: 'rolesMissing',
    hint: 'Map them to others with "roles", or leave owners and grants out with "noOwner: true".',
    details: { missing },
  });
}

/** All or none of them. */
export async function applyOwnership(session: Session, { statements }: Ownership): Promise<void> {
  await session.command('begin');
  try {
    for (const statement of statements) await session.command(statement);
    await session.command('commit');
  } catch (error) {
    await session.command('rollback').catch(() => undefined);
    throw error;
  }
}
