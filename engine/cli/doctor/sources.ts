import { tmpdir } from 'node:os';
import { count } from '../../base/human.ts';
import { isValueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import { shownText } from '../../kinds/context/reveal.ts';
import type { Environment, TargetUse } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';
import { runStep } from '../monitor/step.ts';
import { openFolder } from '../run/store.ts';
import type { Finding } from './finding.ts';
import { explained, PATIENCE_MS } from './finding.ts';
import { targetFindings, targetsIn } from './targets.ts';

/**
 * What is read of other environments: who each thing is, and whether whoever asks could write there. drillbook itself
 * never does; what holds everybody else from it is a role that cannot.
 */
export async function sourceFindings(
  environment: Environment,
  secrets: SecretResolver,
): Promise<readonly Finding[]> {
  const { sources } = environment.data;
  const uses = Object.entries(isValueMap(sources) ? sources : {}).flatMap(([name, source]) =>
    isValueMap(source) ? targetsIn(source, `sources.${name}.`, 'read') : [],
  );
  const rights = await Promise.all(uses.map((use) => rightsFinding(use, environment)));
  return [...(await targetFindings(uses, environment, secrets)), ...rights];
}

async function rightsFinding(use: TargetUse, environment: Environment): Promise<Finding> {
  const what = `what may be done with ${use.path ?? use.group}`;
  if (use.group !== 'databases') return { what, ...NOT_ASKED[use.group] };
  try {
    return { what, ...judged(await rightsIn(use.target, environment)) };
  } catch (error) {
    return { what, verdict: 'problem', ...explained(error) };
  }
}

type Judged = Omit<Finding, 'what'>;

const untold = (who: string, hint: string): Judged => ({
  verdict: 'warning',
  detail: `drillbook only reads there; whether ${who} could write cannot be asked without writing`,
  hint,
});

/** Where nobody tells it. */
const NOT_ASKED: Readonly<Record<Exclude<TargetUse['group'], 'databases'>, Judged>> = {
  buckets: untold('these credentials', 'Look in IAM: s3:Get… and s3:List… are all that reading needs.'),
  services: untold('this key', "Take a key of somebody who may not change that workspace's services."),
  hosts: untold('this account', 'Give it an account that owns nothing there.'),
  redis: untold('this user', 'Give it one with +@read and no more: ACL SETUSER.'),
};

/** Of tables of people, by all roles that this one is or may become. */
const RIGHTS = `
  with schemas as (
    select oid, nspname::text as name from pg_namespace where nspname <> 'information_schema' and nspname !~ '^pg_'
  ), tables as (
    select c.oid, c.oid::regclass::text as name from pg_class c join schemas s on s.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f')
  ), roles as (
    select oid from pg_roles where pg_has_role(current_user, oid, 'member')
  ), written as (
    select name from tables t where exists (
      select from roles r where has_table_privilege(r.oid, t.oid, 'insert, update, delete, truncate')
        or has_any_column_privilege(r.oid, t.oid, 'insert, update'))
  ), unread as (
    select name from tables where not has_table_privilege(oid, 'select')
  ), made as (
    select name from schemas s where exists (
      select from roles r where has_schema_privilege(r.oid, s.oid, 'create'))
  )
  select current_user::text as role,
    (select count(*) from tables) as tables,
    (select count(*) from written) as written, (select min(name) from written) as "firstWritten",
    (select count(*) from unread) as unread, (select min(name) from unread) as "firstUnread",
    (select string_agg(name, ', ' order by name) from made) as made`;

async function rightsIn(database: ValueMap, environment: Environment): Promise<ValueMap> {
  const bench = {
    environment,
    folder: tmpdir(),
    store: openFolder(tmpdir()),
    onReveal: () => undefined,
    signal: AbortSignal.timeout(PATIENCE_MS),
  };
  const { rows } = await runStep(bench, {
    name: 'doctor',
    uses: 'sql.query',
    args: { database, query: RIGHTS },
  });
  return (rows as readonly ValueMap[])[0] ?? {};
}

function judged({ role, tables, written, firstWritten, unread, firstUnread, made }: ValueMap): Judged {
  const name = shownText(role ?? null);
  const may = [
    ...(Number(written) > 0
      ? [`write to ${count(Number(written), 'table')}, for instance ${shownText(firstWritten ?? null)}`]
      : []),
    ...(typeof made === 'string' ? [`create in ${made}`] : []),
  ];
  const cannot =
    Number(unread) > 0
      ? `${name} may not read ${count(Number(unread), 'table')}, for instance ${shownText(firstUnread ?? null)}`
      : undefined;
  if (may.length === 0 && cannot === undefined) {
    return { verdict: 'ok', detail: `${name} may read ${count(Number(tables), 'table')} and write to none` };
  }
  return {
    verdict: 'warning',
    detail: [cannot, ...may.map((each) => `${name} may ${each}`)]
      .filter((each) => each !== undefined)
      .join('; '),
    hint: 'Give it a role that may only read: CREATE ROLE … LOGIN, GRANT pg_read_all_data TO …',
  };
}
