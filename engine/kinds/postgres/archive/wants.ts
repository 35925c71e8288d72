import type { ArchiveEntry } from './archive.ts';
import type { Ownership } from './ownership.ts';
import type { SchemaScript, ScriptEntry } from './schema-script.ts';

/** A name as pg_dump writes it. */
const NAME = String.raw`(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)`;
const COLLATE = new RegExp(String.raw`\bCOLLATE pg_catalog\.(${NAME})`, 'gu');
const TABLESPACE = new RegExp(String.raw`\bTABLESPACE (${NAME});$`, 'u');
const POLICY_ROLES = new RegExp(
  String.raw`^CREATE POLICY ${NAME} ON .+? TO (${NAME}(?:, ${NAME})*)[ ;]`,
  'u',
);
const MAPPED_USER = new RegExp(String.raw`^CREATE USER MAPPING FOR (${NAME})`, 'u');

/** Entries with text of users in them, where what looks like a clause may be none. */
const WITH_BODY = /^(FUNCTION|PROCEDURE|COMMENT|TABLE DATA|BLOB|SECURITY LABEL)/;

/** What a dump needs of the server that it does not bring along. */
export interface Wants {
  readonly extensions: readonly string[];
  /** Roles that have to be there, and those among them that something is given to. */
  readonly roles: readonly string[];
  readonly owners: readonly string[];
  readonly tablespaces: readonly string[];
  /** Collations of the server's own. */
  readonly collations: readonly string[];
  readonly accessMethods: readonly string[];
  /** That of the database which was dumped. */
  readonly encoding: string | undefined;
  /** Statements that may be refused, each of which can be tried and taken back. */
  readonly trials: readonly Trial[];
}

export interface Trial {
  /** `the collation public.german`. */
  readonly what: string;
  readonly statements: readonly string[];
}

export function wantsOf(
  entries: readonly ArchiveEntry[],
  script: SchemaScript,
  ownership: Ownership | undefined,
): Wants {
  const without = script.entries.filter(({ type }) => !WITH_BODY.test(type));
  const lines = without.flatMap((entry) => entry.lines);
  const named = (kind: string): readonly string[] =>
    entries.flatMap(({ text }) => {
      const found = text.startsWith(`${kind} - `) ? text.slice(kind.length + 3, text.lastIndexOf(' ')) : '';
      return found === '' ? [] : [found];
    });
  const made = new Set(named('ACCESS METHOD'));
  return {
    extensions: unique(named('EXTENSION')),
    roles: unique([...(ownership?.roles ?? []), ...rolesIn(without)]),
    owners: ownership?.owners ?? [],
    tablespaces: unique([
      ...settingOf(script, 'default_tablespace'),
      ...lines.flatMap((line) => plain(TABLESPACE.exec(line)?.[1])),
    ]),
    collations: unique(
      lines.flatMap((line) => [...line.matchAll(COLLATE)].flatMap(([, name]) => plain(name))),
    ).filter((name) => !['default', 'C', 'POSIX'].includes(name)),
    accessMethods: unique(settingOf(script, 'default_table_access_method')).filter((name) => !made.has(name)),
    encoding: settingOf(script, 'client_encoding')[0],
    trials: [...collationTrials(without), ...privilegedTrials(without)],
  };
}

function rolesIn(entries: readonly ScriptEntry[]): readonly string[] {
  const written = entries.flatMap(({ type, lines }) => {
    const first = lines.find((line) => line !== '' && line !== '--') ?? '';
    if (type === 'POLICY') return (POLICY_ROLES.exec(first)?.[1] ?? '').match(new RegExp(NAME, 'gu')) ?? [];
    if (type === 'USER MAPPING') return [MAPPED_USER.exec(first)?.[1] ?? ''];
    return [];
  });
  return written.flatMap(plain).filter((name) => !['public', 'PUBLIC'].includes(name));
}

/** Whether the operating system, or ICU, knows a locale is known only to the server, and by trying. */
function collationTrials(entries: readonly ScriptEntry[]): readonly Trial[] {
  return entries
    .filter(({ type }) => type === 'COLLATION')
    .flatMap(({ lines }) => lines)
    .flatMap((line) => {
      const [, name, options] = /^CREATE COLLATION (.+) (\([^()]*\));$/.exec(line) ?? [];
      if (name === undefined || options === undefined) return [];
      return [{ what: `the collation ${name}`, statements: [`create collation pg_temp.trial ${options}`] }];
    });
}

/** What as a rule only a superuser may make; a provider's roles may be an exception. */
function privilegedTrials(entries: readonly ScriptEntry[]): readonly Trial[] {
  const has = (type: string, says = ''): boolean =>
    entries.some((entry) => entry.type === type && entry.lines.some((line) => line.includes(says)));
  const trials: Trial[] = [];
  if (has('EVENT TRIGGER')) {
    trials.push({
      what: 'event triggers',
      statements: [
        'create function pg_temp.drillbook_trial() returns event_trigger language plpgsql as $$begin end$$',
        'create event trigger drillbook_trial on ddl_command_end execute function pg_temp.drillbook_trial()',
      ],
    });
  }
  if (has('PUBLICATION', ' FOR ALL TABLES')) {
    trials.push({
      what: 'publications of all tables',
      statements: ['create publication drillbook_trial for all tables'],
    });
  }
  if (has('SUBSCRIPTION')) {
    trials.push({
      what: 'subscriptions',
      statements: [
        "create subscription drillbook_trial connection 'host=localhost password=x' publication x with (connect = false)",
      ],
    });
  }
  if (has('FOREIGN DATA WRAPPER')) {
    trials.push({
      what: 'foreign-data wrappers',
      statements: ['create foreign data wrapper drillbook_trial'],
    });
  }
  return trials;
}

const settingOf = ({ settings }: SchemaScript, name: string): readonly string[] =>
  settings.flatMap((line) => {
    const value = line.startsWith(`SET ${name} = `) ? line.slice(name.length + 7, -1) : '';
    return plain(value.replace(/^'(.*)'$/, '$1'));
  });

/** A name without its quotes; none for the empty one. */
function plain(written: string | undefined): readonly string[] {
  if (written === undefined || written === '') return [];
  return [written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written];
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];
