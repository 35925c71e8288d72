import { stringify } from 'yaml';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { PROVEN, SHOWN_RED, proofOf } from '../../model/backup.ts';
import type { ApplicationFacts } from './application.ts';
import { applicationChecks, applicationPart } from './application.ts';
import type { BackupCheck, BackupSource } from './check.ts';
import { COPY, RESTORED, greenIs, redOf, redStep, stepsOf } from './check.ts';

/** All that the proof of a backup is made of. */
export interface ProofFacts {
  readonly name: string;
  readonly title: string;
  readonly owner?: string | undefined;
  readonly source: BackupSource;
  /** Of what has been restored. */
  readonly contents: readonly BackupCheck[];
  readonly application?: ApplicationFacts | undefined;
}

/** Every row of every table, as one who deletes by mistake would do it; what lies in no table is left. */
const EMPTY = `do $$
declare
  names text;
begin
  set local lock_timeout = '20s';
  select string_agg(c.oid::regclass::text, ', ') into names
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    and not exists (select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
  if names is not null then
    execute 'truncate ' || names || ' cascade';
  end if;
end
$$`;

/**
 * The proof of a backup as a playbook, so that it is journaled, reported and looked up as any run is. The checks of
 * the backup come first, then the copy is made and checked, and at last it is broken and every check of it must be red.
 */
export function playbookText({ name, title, owner, source, contents, application }: ProofFacts): string {
  const proof = proofOf(name);
  const { forApplication } = source;
  const served = forApplication === undefined ? [] : [forApplication];
  const asked =
    application === undefined ? [] : [...served, ...applicationChecks(application, forApplication)];
  const all = [...source.before, source.restored, ...contents, ...asked, ...source.after];
  const steps = (checks: readonly BackupCheck[]): readonly JsonObject[] =>
    checks.flatMap((check) => stepsOf(check, proof));
  return stringify({
    version: 1,
    id: proof,
    title: `Proof of ${title}`,
    summary:
      'Restores a backup into a copy on this machine that is thrown away, checks it, and shows that each check of the copy can be red. Made by drillbook from the file of the backup.',
    ...(owner !== undefined && { owner }),
    needs: [source.needs],
    rehearsals: { proof: { title: 'Nothing is broken before', fault: 'none', answers: { '*': 'go' } } },
    steps: [
      {
        phase: 'Verify',
        steps: [
          { phase: 'The backup', steps: steps(source.before) },
          { phase: 'Restore', steps: steps([source.restored]) },
          ...phase('The copy', steps(contents)),
          ...phase('The application', steps(asked)),
          ...phase('Each check can be red', redSteps(all, source.emptied)),
          ...phase('The backup afterwards', steps(source.after)),
          { phase: 'Together', steps: [provenStep(all)] },
        ],
      },
    ],
  });
}

const phase = (title: string, steps: readonly JsonObject[]): readonly JsonObject[] =>
  steps.length === 0 ? [] : [{ phase: title, steps }];

/** What is asked when somebody wants to know when the backup was proven last. */
function provenStep(checks: readonly BackupCheck[]): JsonObject {
  const isRed = ({ id }: BackupCheck): string => `steps.${SHOWN_RED}${id}.outcome in ["succeeded", "red"]`;
  const wanted = [...checks.map(greenIs), ...checks.filter(({ broken }) => broken !== undefined).map(isRed)];
  return {
    id: PROVEN,
    title: 'The backup is proven',
    uses: 'assert',
    with: {},
    assert: [{ that: wanted.join(' && '), else: 'A check is red, was skipped, or cannot be red' }],
    onFailure: 'continue',
  };
}

/** What has a statement of its own first: when all is empty, none of them says anything any more. */
function redSteps(
  checks: readonly BackupCheck[],
  emptying: JsonObject = { title: 'Empty all tables of the copy', ...statement(EMPTY) },
): readonly JsonObject[] {
  const own = checks.flatMap((check) => {
    const { broken } = check;
    if (typeof broken !== 'object') return [];
    return 'by' in broken ? breaking(check, broken.by) : [redOf(check, broken.of)];
  });
  const emptied = checks.filter(({ broken }) => broken === 'emptied');
  if (emptied.length === 0) return own;
  return [...own, { id: 'emptyCopy', ...emptying }, ...emptied.map((check) => redStep(check, 'emptyCopy'))];
}

function breaking(check: BackupCheck, sql: string): readonly JsonObject[] {
  const id = `break${check.id}`;
  return [{ id, title: `Break the copy for: ${check.title}`, ...statement(sql) }, redStep(check, id)];
}

const statement = (sql: string): JsonObject => ({
  uses: 'sql.execute',
  when: RESTORED,
  with: { database: COPY, statement: sql },
  effect: 'destructive',
  idempotent: true,
  onFailure: 'continue',
});

/** Where it is carried out. */
export function worldText({
  name,
  source,
  application,
}: Pick<ProofFacts, 'name' | 'source' | 'application'>): string {
  const { values } = source.environment;
  return stringify({
    version: 1,
    name: proofOf(name),
    parts: {
      ...source.parts,
      ...(application !== undefined && { application: applicationPart(application) }),
    },
    environment: {
      ...source.environment,
      values: {
        ...(isJsonObject(values) && values),
        ...(application !== undefined && {
          application: {
            url: '${{ parts.application.url }}',
            control: '${{ parts.application.control }}',
            token: '${{ desk.token }}',
          },
        }),
      },
    },
  });
}
