import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonObject, listOf } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';

/** Of the part, and of a bucket that says nothing. */
export const REGION = 'us-east-1';
/** Of a bucket that is only named as a replica: a disaster of a region must not take both. */
const REPLICA_REGION = 'us-west-2';

/** A bucket as the file of a world describes it. */
export interface BucketPlan {
  readonly name: string;
  readonly region: string;
  readonly versioned: boolean;
  /** By the name that playbooks use. */
  readonly replica: string | undefined;
  /** A folder. */
  readonly seed: string | undefined;
  readonly objects: readonly JsonObject[];
  readonly rows: JsonObject | undefined;
  readonly fill: JsonObject | undefined;
  /** By the names that steps give them. */
  readonly settings: JsonObject;
}

/** Those that are named as a replica are among them. */
export function plansOf(json: Json | undefined): ReadonlyMap<string, BucketPlan> {
  const written = Object.entries(isJsonObject(json) ? json : {}).map(
    ([key, plan]) => [key, isJsonObject(plan) ? plan : {}] as const,
  );
  const replicas = new Set(written.flatMap(([, plan]) => asText(plan['replica']) ?? []));
  const keys = new Set(written.map(([key]) => key));
  const implied = [...replicas].filter((key) => !keys.has(key));
  const all: readonly (readonly [string, JsonObject])[] = [
    ...written,
    ...implied.map((key) => [key, { region: REPLICA_REGION }] as const),
  ];
  return new Map(
    all.map(([key, plan]): [string, BucketPlan] => {
      const replica = asText(plan['replica']);
      const settings = isJsonObject(plan['settings']) ? plan['settings'] : {};
      return [
        key,
        {
          name: asText(plan['name']) ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
          region: asText(plan['region']) ?? REGION,
          versioned:
            plan['versioned'] === true ||
            replica !== undefined ||
            replicas.has(key) ||
            needVersions(settings),
          replica,
          seed: asText(plan['seed']),
          objects: listOf(plan['objects']).filter(isJsonObject),
          rows: isJsonObject(plan['rows']) ? plan['rows'] : undefined,
          fill: isJsonObject(plan['fill']) ? plan['fill'] : undefined,
          settings,
        },
      ];
    }),
  );
}

/** S3 refuses these to a bucket that keeps no versions. */
const needVersions = ({ objectLock, replication }: JsonObject): boolean =>
  objectLock !== undefined || replication !== undefined;
