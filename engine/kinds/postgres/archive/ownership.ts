import { StepError } from '../../../model/kind.ts';
import { quoteIdentifier } from '../client/identifiers.ts';
import type { Session } from '../client/session.ts';
import type { SchemaScript } from './schema-script.ts';

/** A role's name as pg_dump writes it. */
const ROLE = String.raw`("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const OWNER = new RegExp(String.raw`^(ALTER .+ OWNER TO )${ROLE}(;)$`, 'u');
const GRANT = new RegExp(
  String.raw`^((?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .+ (?:TO|FROM) )${ROLE}( WITH GRANT OPTION)?(;)$`,
  'u',
);
const FOR_ROLE = new RegExp(String.raw`^(ALTER DEFAULT PRIVILEGES FOR ROLE )${ROLE}( .*;)$`, 'u');

/** Who owns and who may do what, out of the SQL text of a dump's schema. */
export interface Ownership {
  readonly statements: readonly string[];
  /** Roles that they name, as plain names. */
  readonly roles: readonly string[];
  /** Those among them that own something. */
  readonly owners: readonly string[];
}

/**
 * Takes the owners and grants out of a schema as pg_restore writes it, with each role replaced as `mapping`
 * says. Only lines that pg_restore itself writes are taken: the last of an entry for its owner, and those
 * of the entries of grants; a function's body is never looked into.
 */
export function ownershipOf({ entries }: SchemaScript, mapping: Readonly<Record<string, string>>): Ownership {
  const statements: string[] = [];
  const roles = new Set<string>();
  const owners = new Set<string>();
  const roleOf = (written: string): string => {
    const name = written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
    const role = mapping[name] ?? name;
    roles.add(role);
    return role;
  };
  const mapped = (written: string): string =>
    written === 'PUBLIC' ? written : quoteIdentifier(roleOf(written));
  const owning = (written: string): string => {
    owners.add(roleOf(written));
    return mapped(written);
  };
  const add = (line: string): void => {
    const placed = line
      .replace(FOR_ROLE, (_all, before: string, role: string, after: string) => before + mapped(role) + after)
      .replace(OWNER, (_all, before: string, role: string, after: string) => before + owning(role) + after)
      .replace(
        GRANT,
        (_all, before: string, role: string, option: string | undefined, after: string) =>
          before + mapped(role) + (option ?? '') + after,
      );
    statements.push(placed);
  };
  for (const { type, lines } of entries) {
    if (type === 'ACL' || type === 'DEFAULT ACL') for (const line of lines.filter(isStatement)) add(line);
    // Newer servers' dumps hold many large objects in one entry; there is no body in which one could be named.
    else if (type.startsWith('BLOB')) for (const line of lines.filter((line) => OWNER.test(line))) add(line);
    else {
      const last = lines.findLast((line) => line !== '' && line !== '--');
      if (last !== undefined && OWNER.test(last)) add(last);
    }
  }
  return { statements, roles: [...roles], owners: [...owners] };
}

const isStatement = (line: string): boolean => /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES) .*;$/.test(line);

/** All or none of them. */
export async function applyOwnership(session: Session, { statements }: Ownership): Promise<void> {
  await session.command('begin');
  try {
    for (const statement of statements) await session.command(statement);
    await session.command('commit');
  } catch (error) {
    await session.command('rollback').catch(() => undefined);
    throw error instanceof StepError && error.code === '42501' ? mayNotGive(error) : error;
  }
}

const mayNotGive = (error: StepError): StepError =>
  new StepError(error.message, {
    code: 'permissionDenied',
    hint: 'Use a role that may give objects and rights to others, or leave owners and grants out with "noOwner: true".',
    details: error.details,
    cause: error,
  });
