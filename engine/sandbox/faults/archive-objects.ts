import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultBuckets, Injection } from './fault.ts';
import { isArchive, readStorageClass } from '../s3/storage-classes.ts';
import { asText } from '../ground/text.ts';
import { choose, chosenOutput, nextSecond } from './objects.ts';

const KIND = 's3.archive-objects';

/** Moves objects to the archive as a lifecycle rule does: the same versions, which cannot be read there. */
export const archiveObjects: Fault<FaultBuckets> = { inject };

async function inject(args: ValueMap, world: FaultBuckets): Promise<Injection> {
  const storageClass = readStorageClass(asText(args['storageClass']));
  if (!isArchive(storageClass)) throw new Error(`${KIND}: ${storageClass} is no archive`);
  const at = await nextSecond();
  const chosen = choose(KIND, args, world);
  for (const object of chosen.objects) {
    object.storageClass = storageClass;
    delete object.restored;
  }
  return {
    description: `${String(chosen.objects.length)} of ${String(chosen.total)} objects of the bucket ${chosen.bucket.name} were moved to ${storageClass}`,
    output: { ...chosenOutput(chosen, at), storageClass },
  };
}
