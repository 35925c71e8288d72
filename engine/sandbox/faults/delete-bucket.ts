import { setTimeout as delay } from 'node:timers/promises';
import { Duration } from '../../base/duration.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultWorld, Injection } from '../faults.ts';
import type { Bucket } from '../s3/bucket.ts';
import { deleteVersion } from '../s3/state.ts';
import { textOf } from '../text.ts';
import { bucketOf, nextSecond } from './objects.ts';

const KIND = 's3.delete-bucket';
const UPLOAD_TIMEOUT_MS = 15_000;
const POLL_MS = 20;

/** Removes a bucket with every version in it, as its owner can. What had not been replicated by then is lost. */
export const deleteBucket: Fault = { inject };

async function inject(args: ValueMap, world: FaultWorld): Promise<Injection> {
  const { name, bucket } = bucketOf(KIND, args, world);
  const { state } = world.storage.service;
  const lag = lagOf(args);
  if (lag !== undefined) await fallBehind(world, bucket, lag);
  const at = await nextSecond();
  const unreplicated = pendingKeys(bucket).length;
  const objects = [...bucket.keys].filter((key) => bucket.current(key)?.type === 'object').length;
  // From here on no request finds it: what is uploaded now is refused, and nothing is replicated out of it.
  state.buckets.delete(bucket.name);
  for (const key of [...bucket.keys]) {
    const ids = bucket.versionsOf(key).map((version) => version.id);
    await Promise.all(ids.map((id) => deleteVersion(state, bucket, key, id)));
  }
  return {
    description: `the bucket ${bucket.name} was deleted with ${String(objects)} objects, ${String(unreplicated)} of which had no replica`,
    output: { at, bucket: name, bucketName: bucket.name, region: bucket.region, objects, unreplicated },
  };
}

function lagOf(args: ValueMap): Duration | undefined {
  const lag = textOf(args['replicationLag']);
  if (lag === undefined) return undefined;
  const parsed = Duration.parse(lag);
  if (parsed === undefined) throw new Error(`${KIND}: with/replicationLag is no duration`);
  return parsed;
}

/** Lets the replica lag, and waits until something has been uploaded that it does not have. */
async function fallBehind({ storage }: FaultWorld, bucket: Bucket, lag: Duration): Promise<void> {
  storage.service.state.replicator.delayMs = lag.millis;
  const before = new Set(pendingKeys(bucket));
  const deadline = performance.now() + UPLOAD_TIMEOUT_MS;
  while (pendingKeys(bucket).every((key) => before.has(key))) {
    if (performance.now() > deadline) throw new Error(`${KIND}: nothing is uploaded that could be lost`);
    await delay(POLL_MS);
  }
}

const pendingKeys = (bucket: Bucket): string[] =>
  [...bucket.keys].filter((key) => bucket.current(key)?.replication === 'PENDING');
