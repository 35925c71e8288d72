import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultBuckets, Injection } from './fault.ts';
import { bucketOf, nextSecond } from './objects.ts';

const KIND = 's3.reset-settings';

/** Takes a bucket's protection away, as somebody does who tidies up in the console: what is in it stays. */
export const resetSettings: Fault<FaultBuckets> = { inject };

async function inject(args: ValueMap, world: FaultBuckets): Promise<Injection> {
  const { name, bucket } = bucketOf(KIND, args, world);
  const at = await nextSecond();
  const removed = [...bucket.settings.keys()];
  // S3 takes no other order: a bucket that is replicated cannot stop keeping versions.
  bucket.settings.clear();
  bucket.versioning = 'Suspended';
  return {
    description: `the bucket ${bucket.name} keeps no versions any more, and lost its settings: ${removed.join(', ')}`,
    output: { at, bucket: name, bucketName: bucket.name, removed },
  };
}
