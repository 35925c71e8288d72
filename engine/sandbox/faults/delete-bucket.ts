import { setTimeout as delay } from 'node:timers/promises';
import { Duration } from '../../base/duration.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import type { Fault, FaultBuckets, Injection } from './fault.ts';
import type { Bucket } from '../s3/bucket.ts';
import { destinationOf } from '../s3/replication.ts';
import { emptyBucket } from '../s3/state.ts';
import { childrenOf } from '../s3/xml.ts';
import { asText } from '../ground/text.ts';
import { bucketOf, nextSecond } from './objects.ts';

const KIND = 's3.delete-bucket';
const UPLOAD_TIMEOUT_MS = 15_000;
const POLL_MS = 20;

/** Removes a bucket with every version in it, as its owner can. What had not been replicated by then is lost. */
export const deleteBucket: Fault<FaultBuckets> = { inject };

async function inject(args: ValueMap, world: FaultBuckets): Promise<Injection> {
  const { name, bucket } = bucketOf(KIND, args, world);
  const others = namesIn(args['also']).map((other) => bucketOf(KIND, { bucket: other }, world).bucket);
  const { state } = world.storage.service;
  const lag = lagOf(args);
  if (lag !== undefined && lag.millis > 0) await fallBehind(world, bucket, lag);
  const at = await nextSecond();
  if (lag?.millis === 0) await catchUp(world, bucket);
  const objects = [...bucket.keys].filter((key) => bucket.current(key)?.type === 'object').length;
  const gone = [bucket, ...others];
  const replica = replicaOf(bucket);
  const unreplicated = gone.some((each) => each.name === replica) ? objects : pendingKeys(bucket).length;
  // From here on no request finds it: what is uploaded now is refused, and nothing is replicated out of it.
  for (const each of gone) state.buckets.delete(each.name);
  for (const each of gone) await emptyBucket(state, each);
  return {
    description: `the bucket ${gone.map((each) => each.name).join(' and ')} was deleted with ${String(objects)} objects, ${String(unreplicated)} of which had no replica`,
    output: { at, bucket: name, bucketName: bucket.name, region: bucket.region, objects, unreplicated },
  };
}

const namesIn = (value: Value | undefined): readonly string[] =>
  Array.isArray(value) ? value.map((each) => asText(each) ?? '') : [];

/** The bucket that it is replicated to. */
function replicaOf(bucket: Bucket): string | undefined {
  const replication = bucket.settings.get('replication');
  const rule = replication === undefined ? undefined : childrenOf(replication, 'Rule')[0];
  return rule === undefined ? undefined : destinationOf(rule);
}

function lagOf(args: ValueMap): Duration | undefined {
  const lag = asText(args['replicationLag']);
  if (lag === undefined) return undefined;
  const parsed = Duration.parse(lag);
  if (parsed === undefined) throw new Error(`${KIND}: with/replicationLag is no duration`);
  return parsed;
}

/** Lets the replica lag, and waits until something has been uploaded that it does not have. */
async function fallBehind({ storage }: FaultBuckets, bucket: Bucket, lag: Duration): Promise<void> {
  storage.service.state.replicator.delayMs = lag.millis;
  const before = new Set(pendingKeys(bucket));
  const deadline = performance.now() + UPLOAD_TIMEOUT_MS;
  while (pendingKeys(bucket).every((key) => before.has(key))) {
    if (performance.now() > deadline) throw new Error(`${KIND}: nothing is uploaded that could be lost`);
    await delay(POLL_MS);
  }
}

/** Waits until the replica has everything that was uploaded. */
async function catchUp({ storage }: FaultBuckets, bucket: Bucket): Promise<void> {
  storage.service.state.replicator.delayMs = 0;
  const deadline = performance.now() + UPLOAD_TIMEOUT_MS;
  while (pendingKeys(bucket).length > 0) {
    if (performance.now() > deadline) throw new Error(`${KIND}: the replica does not catch up`);
    await delay(POLL_MS);
  }
}

const pendingKeys = (bucket: Bucket): string[] =>
  [...bucket.keys].filter((key) => bucket.current(key)?.replication === 'PENDING');
