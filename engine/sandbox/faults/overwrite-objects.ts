import { randomBytes } from 'node:crypto';
import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultBuckets, Injection } from './fault.ts';
import { putObject } from '../s3/state.ts';
import { choose, chosenOutput, nextSecond } from './objects.ts';

const KIND = 's3.overwrite-objects';

/** Writes random bytes over objects, each as long as it was: the size tells nobody. */
export const overwriteObjects: Fault<FaultBuckets> = { inject };

async function inject(args: ValueMap, world: FaultBuckets): Promise<Injection> {
  const { state } = world.storage.service;
  const at = await nextSecond();
  const chosen = choose(KIND, args, world);
  const { bucket, objects } = chosen;
  await Promise.all(
    objects.map(async (object) => {
      const { blob, md5 } = await state.blobs.write([randomBytes(Math.max(1, object.blob.size))]);
      const { key, headers, metadata, tags, storageClass } = object;
      await putObject(state, bucket, { key, blob, etag: md5, headers, metadata, tags, storageClass });
    }),
  );
  const unharmed = objects.filter((object) => bucket.current(object.key) === object);
  if (unharmed.length > 0) throw new Error(`${KIND}: ${String(unharmed.length)} objects are as they were`);
  return {
    description: `${String(objects.length)} of ${String(chosen.total)} objects of the bucket ${bucket.name} were overwritten`,
    output: chosenOutput(chosen, at),
  };
}
