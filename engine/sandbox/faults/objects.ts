import { setTimeout as delay } from 'node:timers/promises';
import { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { FaultBuckets } from './fault.ts';
import type { Bucket } from '../s3/bucket.ts';
import type { ObjectVersion } from '../s3/versions.ts';
import { asText } from '../ground/text.ts';

/** The objects that a fault is about. */
export interface Chosen {
  /** Its name in the environment. */
  readonly name: string;
  readonly bucket: Bucket;
  /** At least one. */
  readonly objects: readonly ObjectVersion[];
  /** How many objects there are under the prefix. */
  readonly total: number;
}

/** The bucket that the arguments name; rejects when there is none. */
export function bucketOf(
  kind: string,
  args: ValueMap,
  world: FaultBuckets,
): { name: string; bucket: Bucket } {
  const name = asText(args['bucket']) ?? '';
  const bucket = world.storage.bucket(name);
  if (bucket === undefined) throw new Error(`${kind}: there is no bucket ${name}`);
  return { name, bucket };
}

/** The current objects under the prefix, that share of them, spread evenly over their keys. */
export function choose(kind: string, args: ValueMap, world: FaultBuckets): Chosen {
  const { name, bucket } = bucketOf(kind, args, world);
  const prefix = asText(args['prefix']) ?? '';
  const all = [...bucket.keys]
    .filter((key) => key.startsWith(prefix))
    .map((key) => bucket.current(key))
    .filter((version) => version?.type === 'object');
  if (all.length === 0) throw new Error(`${kind}: ${bucket.name} has no object under "${prefix}"`);
  const count = Math.max(1, Math.round(all.length * Number(args['share'])));
  const objects = Array.from({ length: count }, (_, index) => all[Math.floor((index * all.length) / count)]);
  return { name, bucket, objects: objects.filter((object) => object !== undefined), total: all.length };
}

/**
 * Waits for a whole second and returns it. S3 dates what happens to whole seconds: what a fault writes
 * from then on has this moment or a later one, and nothing before it has.
 */
export async function nextSecond(): Promise<Instant> {
  const now = Date.now();
  const next = Math.floor(now / 1000) * 1000 + 1000;
  // A timer may fire a millisecond early.
  while (Date.now() < next) await delay(next - Date.now());
  return Instant.fromMillis(next);
}

/** What the faults that are about objects say of them. */
export const chosenOutput = ({ name, bucket, objects, total }: Chosen, at: Instant): ValueMap => ({
  at,
  bucket: name,
  bucketName: bucket.name,
  objects: objects.length,
  totalObjects: total,
  example: objects[0]?.key ?? '',
});
