import type { ValueMap } from '../../base/value.ts';
import type { Fault, FaultBuckets, Injection } from './fault.ts';
import { deleteCurrent, deleteVersion } from '../s3/state.ts';
import { choose, chosenOutput, nextSecond } from './objects.ts';

const KIND = 's3.delete-objects';

/** Deletes objects as a script gone wrong does: each gets a delete marker. Or, where told to, every version of them. */
export const deleteObjects: Fault<FaultBuckets> = { inject };

async function inject(args: ValueMap, world: FaultBuckets): Promise<Injection> {
  const permanently = args['permanently'] === true;
  const { state } = world.storage.service;
  const at = await nextSecond();
  const chosen = choose(KIND, args, world);
  const { bucket, objects } = chosen;
  await Promise.all(
    objects.map(async ({ key }) => {
      if (!permanently) return await deleteCurrent(state, bucket, key);
      const ids = bucket.versionsOf(key).map(({ id }) => id);
      return await Promise.all(ids.map((id) => deleteVersion(state, bucket, key, id)));
    }),
  );
  const left = objects.filter(({ key }) => bucket.current(key)?.type === 'object');
  if (left.length > 0) throw new Error(`${KIND}: ${String(left.length)} objects can still be read`);
  const how = permanently ? 'were removed with all their versions' : 'were deleted';
  return {
    description: `${String(objects.length)} of ${String(chosen.total)} objects of the bucket ${bucket.name} ${how}`,
    output: chosenOutput(chosen, at),
  };
}
