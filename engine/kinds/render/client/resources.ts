import { Instant } from '../../../base/instant.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { RenderClient } from './client.ts';

/** What recoveries need of Render's resources. Unknown states are carried along, never refused. */
interface Resource {
  readonly id: string;
  readonly name: string;
  readonly workspace: string;
  readonly suspended: boolean;
  /** Who holds it suspended: `user`, `billing`, … */
  readonly suspenders: readonly string[];
  readonly createdAt: Instant | null;
}

export interface Service extends Resource {
  readonly type: string;
  readonly region: string | null;
  readonly plan: string | null;
  readonly url: string | null;
}

export interface Postgres extends Resource {
  readonly status: string;
  readonly region: string;
  readonly plan: string;
  /** The major version. */
  readonly version: string;
  readonly role: string;
}

export interface RecoveryInfo {
  /** `AVAILABLE`, `BACKUP_NOT_READY`, `NOT_AVAILABLE`. */
  readonly status: string;
  /** The earliest moment that can be restored. */
  readonly startsAt: Instant | null;
}

export interface ConnectionStrings {
  readonly internal: string;
  readonly external: string;
}

export async function readService(client: RenderClient, id: string): Promise<Service> {
  const json = object(await client.get(`/services/${encodeURIComponent(id)}`), 'a service');
  const details = isValueMap(json['serviceDetails']) ? json['serviceDetails'] : {};
  return {
    ...readResource(json, textOf(json, 'ownerId')),
    type: textOf(json, 'type'),
    region: optionalTextOf(details, 'region'),
    plan: optionalTextOf(details, 'plan'),
    url: optionalTextOf(details, 'url'),
  };
}

export async function readPostgres(client: RenderClient, id: string): Promise<Postgres> {
  return toPostgres(await client.get(`/postgres/${encodeURIComponent(id)}`));
}

export function toPostgres(answer: Value): Postgres {
  const json = object(answer, 'a database');
  const owner = isValueMap(json['owner']) ? json['owner'] : {};
  return {
    ...readResource(json, textOf(owner, 'id')),
    status: textOf(json, 'status'),
    region: textOf(json, 'region'),
    plan: textOf(json, 'plan'),
    version: textOf(json, 'version'),
    role: textOf(json, 'role'),
  };
}

const readResource = (json: ValueMap, workspace: string): Resource => ({
  id: textOf(json, 'id'),
  name: textOf(json, 'name'),
  workspace,
  suspended: json['suspended'] === 'suspended',
  suspenders: textsOf(json['suspenders']),
  createdAt: instantOf(json, 'createdAt'),
});

/**
 * Whether it stays down until its users resume it. What Render alone holds down (`admin`, `billing`) comes back
 * when Render lets it. A reply that names nobody is taken for the users' own.
 */
export const isSuspendedByUser = ({ suspended, suspenders }: Resource): boolean =>
  suspended && (suspenders.length === 0 || suspenders.includes('user'));

export async function readRecovery(client: RenderClient, id: string): Promise<RecoveryInfo> {
  const json = object(await client.get(`/postgres/${encodeURIComponent(id)}/recovery`), 'a recovery window');
  return { status: textOf(json, 'recoveryStatus'), startsAt: instantOf(json, 'startsAt') };
}

/** Secrets: for those who resolve handles, and nobody else. */
export async function readConnectionStrings(client: RenderClient, id: string): Promise<ConnectionStrings> {
  const path = `/postgres/${encodeURIComponent(id)}/connection-info`;
  const json = object(await client.get(path), 'connection strings');
  return {
    internal: textOf(json, 'internalConnectionString'),
    external: textOf(json, 'externalConnectionString'),
  };
}

function object(json: Value, what: string): ValueMap {
  if (isValueMap(json)) return json;
  throw new StepError(`Render answered with something that is not ${what}`, { code: 'badAnswer' });
}

function textOf(json: ValueMap, key: string): string {
  const value = json[key];
  if (typeof value === 'string') return value;
  throw new StepError(`Render's answer lacks "${key}"`, { code: 'badAnswer' });
}

const optionalTextOf = (json: ValueMap, key: string): string | null => {
  const value = json[key];
  return typeof value === 'string' ? value : null;
};

const textsOf = (json: Value | undefined): readonly string[] =>
  isValueList(json) ? json.filter((item) => typeof item === 'string') : [];

function instantOf(json: ValueMap, key: string): Instant | null {
  const value = json[key];
  return (typeof value === 'string' ? Instant.parse(value) : undefined) ?? null;
}
