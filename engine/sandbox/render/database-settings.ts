import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonArray, isJsonObject, listOf } from '../../base/json.ts';
import { asText } from '../ground/text.ts';
import type { AllowedRange } from './doors.ts';
import { renderId } from './ids.ts';
import { REGION } from './region.ts';

export interface ReadReplica {
  readonly id: string;
  readonly name: string;
  readonly parameterOverrides?: JsonObject;
}

/** What an instance is told when it is ordered. Disk, standby, pooler, parameters and replicas are kept and told, and no more. */
export interface DatabaseSettings {
  readonly name: string;
  readonly region: string;
  readonly plan: string;
  /** The logical database, and the role that owns it. */
  readonly databaseName: string;
  readonly role: string;
  readonly allowList: readonly AllowedRange[];
  readonly environmentId?: string;
  readonly diskSizeGB: number;
  readonly diskAutoscaling: boolean;
  readonly highAvailability: boolean;
  readonly connectionPool: string;
  readonly parameters: JsonObject;
  readonly readReplicas: readonly ReadReplica[];
}

/** What can be changed of an instance that is there. */
export type DatabaseChange = Partial<
  Omit<DatabaseSettings, 'region' | 'databaseName' | 'role' | 'environmentId'>
>;

/** What an order that does not say otherwise gets. */
const UNSAID = {
  region: REGION,
  allowList: [{ cidrBlock: '0.0.0.0/0', description: 'everywhere' }],
  diskSizeGB: 1,
  diskAutoscaling: false,
  highAvailability: false,
  connectionPool: 'none',
  parameters: {},
  readReplicas: [],
};

/** Those of an instance that is there from the beginning, reached from this machine alone. */
export const keptSettings = (
  own: Pick<DatabaseSettings, 'name' | 'databaseName' | 'role'> & Partial<DatabaseSettings>,
): DatabaseSettings => ({
  ...UNSAID,
  plan: 'basic_1gb',
  allowList: [{ cidrBlock: '127.0.0.1/32', description: 'this machine' }],
  ...own,
});

/** A valid order. `random`: the name of what it does not name. */
export function orderedSettings(body: JsonObject, random: string): DatabaseSettings {
  const environmentId = asText(body['environmentId']);
  return {
    ...UNSAID,
    name: '',
    plan: '',
    databaseName: asText(body['databaseName']) ?? `db_${random}`,
    role: asText(body['databaseUser']) ?? `user_${random}`,
    region: asText(body['region']) ?? UNSAID.region,
    ...(environmentId !== undefined && { environmentId }),
    ...orderedChange(body),
  };
}

/** A valid update: only what it names. */
export function orderedChange(body: JsonObject): DatabaseChange {
  const change: { [Key in keyof DatabaseChange]: DatabaseChange[Key] | undefined } = {
    name: asText(body['name']),
    plan: asText(body['plan']),
    allowList: rangesOf(body['ipAllowList']),
    diskSizeGB: numberOf(body['diskSizeGB']),
    diskAutoscaling: booleanOf(body['enableDiskAutoscaling']),
    highAvailability: booleanOf(body['enableHighAvailability']),
    connectionPool: asText(body['connectionPool']),
    parameters: isJsonObject(body['parameterOverrides']) ? body['parameterOverrides'] : undefined,
    readReplicas: replicasOf(body['readReplicas']),
  };
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
}

/** What a recovery carries over: nothing can be said of the rest, so that it is as with any new instance. */
export const recoveredSettings = (
  source: DatabaseSettings,
  name: string,
  plan?: string,
): DatabaseSettings => {
  const { region, databaseName, role, allowList, environmentId, diskSizeGB } = source;
  return {
    ...UNSAID,
    ...{ name, plan: plan ?? source.plan, region, databaseName, role, allowList, diskSizeGB },
    ...(environmentId !== undefined && { environmentId }),
  };
};

const numberOf = (json: Json | undefined): number | undefined =>
  typeof json === 'number' ? json : undefined;

const booleanOf = (json: Json | undefined): boolean | undefined =>
  typeof json === 'boolean' ? json : undefined;

const rangesOf = (json: Json | undefined): readonly AllowedRange[] | undefined =>
  json !== undefined && isJsonArray(json)
    ? json.filter(isJsonObject).map((range) => ({
        cidrBlock: asText(range['cidrBlock']) ?? '',
        description: asText(range['description']) ?? '',
      }))
    : undefined;

const replicasOf = (json: Json | undefined): readonly ReadReplica[] | undefined =>
  json === undefined
    ? undefined
    : listOf(json)
        .filter(isJsonObject)
        .map((replica) => ({
          id: renderId('dpg'),
          name: asText(replica['name']) ?? '',
          ...(isJsonObject(replica['parameterOverrides']) && {
            parameterOverrides: replica['parameterOverrides'],
          }),
        }));
