import type { ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { Environment, Identity, TargetUse } from '../../model/environment.ts';
import { homeOf, missingInFingerprint } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';
import {
  connectDatabase,
  databaseNameOf,
  differenceOf,
  systemIdentifierOf,
} from '../postgres/client/connection.ts';
import type { Session } from '../postgres/client/session.ts';
import { shownText } from '../context/reveal.ts';
import { RenderClient } from '../render/client/client.ts';
import { renderWorkspace } from '../render/client/config.ts';
import { readPostgres, readService } from '../render/client/resources.ts';
import { findRenderId, isAddressAlone, nameOf, renderIdOf } from '../context/target.ts';

interface Asking {
  readonly use: TargetUse;
  readonly environment: Environment;
  readonly secrets: SecretResolver;
  readonly signal: AbortSignal;
}

/** An answer, or why there is none. */
type Answer = Identity | { readonly verdict: 'silent'; readonly reason: string };

/** Somebody waits at a gate: a provider that hangs is told as unreachable soon. */
const PATIENCE = { attempts: 2, timeoutMs: 10_000 };

/** Cheap to ask, whatever the state of the tables. The last commit is known only where the server tracks it. */
const SELF = `select current_setting('server_version') as version,
  case when pg_is_in_recovery() then 'standby' else 'primary' end as role,
  pg_size_pretty(pg_database_size(current_database())) as size,
  case when (select rolsuper from pg_roles where rolname = current_user) then 'a superuser' else
    (select 'a member of ' || string_agg(rolname, ', ' order by rolname) from pg_roles
      where rolname = any(array['pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files',
        'pg_signal_backend', 'pg_checkpoint', 'pg_create_subscription', 'pg_maintain', 'pg_signal_autovacuum_worker'])
      and pg_has_role(current_user, oid, 'member')) end as "connected as",
  case when current_setting('track_commit_timestamp') = 'on' and not pg_is_in_recovery()
    then (pg_last_committed_xact()).timestamp end as "last write"`;

/**
 * Asks a target who it is and holds the answer against its fingerprint. What cannot be
 * asked is `unreachable`, with a reason; only an abort is thrown.
 */
export async function identify(
  use: TargetUse,
  environment: Environment,
  secrets: SecretResolver,
  signal: AbortSignal,
): Promise<Identity> {
  const answer = await ask({ use, environment: homeOf(use.target, environment), secrets, signal });
  return answer.verdict === 'silent' ? unreachable(use.target, answer.reason) : answer;
}

function ask(asking: Asking): Promise<Answer> {
  switch (asking.use.group) {
    case 'services':
      return heard(asking, askService);
    case 'databases':
      return askDatabase(asking);
    case 'buckets':
      return heard(asking, askBucket);
    case 'hosts':
      return heard(asking, askHost);
    case 'redis':
      return heard(asking, askRedis);
  }
}

async function askBucket({ use, environment, secrets, signal }: Asking): Promise<Identity> {
  const { identifyBucket } = await import('./buckets.ts');
  return identifyBucket(use.target, { environment, secrets, signal, isCreated: isCreated(use.target) });
}

async function askHost({ use, environment, secrets, signal }: Asking): Promise<Identity> {
  const { identifyHost } = await import('./hosts.ts');
  return identifyHost(use.target, { environment, secrets, signal });
}

async function askRedis({ use, secrets, signal }: Asking): Promise<Identity> {
  const { identifyRedis } = await import('./redis.ts');
  return identifyRedis(use.target, { secrets, signal });
}

/** Turns whatever failed into a reason, save an abort. */
async function heard(asking: Asking, question: (asking: Asking) => Promise<Identity>): Promise<Answer> {
  try {
    return await question(asking);
  } catch (error) {
    asking.signal.throwIfAborted();
    return { verdict: 'silent', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function askService(asking: Asking): Promise<Identity> {
  const { target } = asking.use;
  if (isAddressAlone(target)) {
    return { verdict: 'absent', facts: { name: nameOf(target) }, reason: NO_PROVIDER };
  }
  const service = await readService(clientOf(asking), renderIdOf(asking.use.target));
  return atProvider(asking, service, {
    name: service.name,
    id: service.id,
    type: service.type,
    ...(service.region !== null && { region: service.region }),
    workspace: service.workspace,
    state: service.suspended ? `suspended by ${service.suspenders.join(', ')}` : 'not suspended',
  });
}

/**
 * The server's own word counts, and the provider's can only take it back. Where the server does not
 * answer the provider's facts are shown, but they do not make it a match: it was not seen.
 */
async function askDatabase(asking: Asking): Promise<Answer> {
  const { target, by } = asking.use;
  const provider: Answer =
    findRenderId(target) === undefined
      ? { verdict: 'silent', reason: `the environment has no id of Render's for ${nameOf(target)}` }
      : await heard(asking, askProvider);
  if (by === 'provider' || isCreated(target)) return provider;
  const connection = await heard(asking, askConnection);
  const facts = { name: nameOf(target), ...factsOf(provider), ...factsOf(connection) };
  if (provider.verdict === 'mismatch') return { ...provider, facts };
  if (connection.verdict !== 'silent') return { ...connection, facts };
  const vouched = provider.verdict === 'match' ? `; Render knows ${nameOf(target)} by the expected id` : '';
  return { verdict: 'unreachable', facts, reason: connection.reason + vouched };
}

const NO_PROVIDER = 'nobody can be asked who it is: it is known by its address alone';

async function askProvider(asking: Asking): Promise<Identity> {
  const postgres = await readPostgres(clientOf(asking), renderIdOf(asking.use.target));
  return atProvider(asking, postgres, {
    name: postgres.name,
    id: postgres.id,
    region: postgres.region,
    plan: postgres.plan,
    workspace: postgres.workspace,
    state: postgres.suspended ? 'suspended' : postgres.status,
  });
}

/** What the server itself says, reached as the environment says. */
async function askConnection({ use, secrets, signal }: Asking): Promise<Identity> {
  const session = await connectDatabase(use.target, { secrets, signal });
  try {
    const [self = {}] = (await session.run(SELF, [], { maxRows: 1, writes: false })).rows;
    const known = Object.entries(self).filter(([, value]) => value !== null);
    const identifier = await systemIdentifierOf(session);
    const facts = {
      'reached at': session.place,
      'system identifier': identifier ?? 'not for this role to read',
      ...Object.fromEntries(known.map(([name, value]) => [name, shownText(value)])),
    };
    const fingerprint = await printOf(session, identifier);
    const found = judged(facts, await differenceOf(use.target, session));
    if (found.verdict === 'mismatch') return { ...found, fingerprint };
    const lacking = lackingIn(use.target);
    return lacking === undefined ? found : { verdict: 'absent', facts, fingerprint, reason: lacking };
  } finally {
    await session.close();
  }
}

/** What tells this database from every other, as a fingerprint. */
async function printOf(
  session: Session,
  identifier: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  return {
    ...(identifier !== undefined && { systemIdentifier: identifier }),
    host: session.host,
    database: await databaseNameOf(session),
  };
}

/** Why a fingerprint of which nothing differs is none, or not enough to tell the database from another. */
function lackingIn(target: ValueMap): string | undefined {
  const print = fingerprintOf(target);
  if (print['systemIdentifier'] === undefined && print['host'] === undefined) {
    return 'the fingerprint has neither system identifier nor host';
  }
  const missing = missingInFingerprint(target);
  return missing.length === 0
    ? undefined
    : `without ${missing.join(' and ')} the fingerprint does not tell it from another database of its server, or from a copy`;
}

/** What Render answered, held against the fingerprint; a thing of this run only has a workspace to be held against. */
function atProvider(
  { use, environment }: Asking,
  found: { readonly id: string; readonly workspace: string },
  facts: Identity['facts'],
): Identity {
  const print = fingerprintOf(use.target);
  const workspace = print['workspace'] ?? renderWorkspace(environment);
  if (typeof workspace === 'string' && workspace !== found.workspace) {
    return judged(facts, `expected in the workspace ${workspace}, found in ${found.workspace}`);
  }
  if (isCreated(use.target)) return judged(facts, undefined);
  const id = print['renderId'];
  if (typeof id !== 'string') {
    return { verdict: 'absent', facts, reason: "the fingerprint has no id of Render's" };
  }
  return judged(facts, id === found.id ? undefined : `expected Render's ${id}, found ${found.id}`);
}

const judged = (facts: Identity['facts'], difference: string | undefined): Identity =>
  difference === undefined ? { verdict: 'match', facts } : { verdict: 'mismatch', facts, reason: difference };

const unreachable = (target: ValueMap, reason: string): Identity => ({
  verdict: 'unreachable',
  facts: { name: nameOf(target) },
  reason,
});

const factsOf = (answer: Answer): Identity['facts'] => (answer.verdict === 'silent' ? {} : answer.facts);

/** Entries of the environment have a place in it; whatever else they claim, no step created them. */
const isCreated = (target: ValueMap): boolean =>
  typeof target['created'] === 'string' && !('$target' in target);

const fingerprintOf = (target: ValueMap): ValueMap =>
  isValueMap(target['fingerprint']) ? target['fingerprint'] : {};

const clientOf = ({ environment, secrets, signal }: Asking): RenderClient =>
  new RenderClient({ environment, secrets, signal, patience: PATIENCE });
