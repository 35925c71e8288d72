import type { Instant } from '../../../base/instant.ts';
import type { S3Object } from '../client/list.ts';
import { joinByKey } from './compare.ts';

const KEPT = 100;

/** How far a replica is behind. */
export interface Replicated {
  readonly objects: number;
  readonly there: number;
  readonly underWay: number;
  readonly behind: number;
  readonly extra: number;
  readonly behindKeys: readonly string[];
  readonly oldestBehindAt: Instant | null;
  readonly newestAt: Instant | null;
  readonly newestThere: boolean;
}

/** Holds a bucket against its replica, object by object. What was written since `underWaySince` may be under way. */
export async function compareReplica(
  from: AsyncIterable<S3Object>,
  to: AsyncIterable<S3Object>,
  underWaySince: Instant,
): Promise<Replicated> {
  let [objects, there, underWay, behind, extra] = [0, 0, 0, 0, 0];
  const behindKeys: string[] = [];
  let oldestBehind: S3Object | undefined;
  let newest: { readonly object: S3Object; readonly isThere: boolean } | undefined;
  for await (const { left, right } of joinByKey(from, to)) {
    if (left === undefined) {
      extra++;
      continue;
    }
    objects++;
    const isThere = right !== undefined && isReplicaOf(right, left);
    if (newest === undefined || isBefore(newest.object, left)) newest = { object: left, isThere };
    if (isThere) there++;
    else if (left.modified.epochMicros >= underWaySince.epochMicros) underWay++;
    else {
      behind++;
      if (behindKeys.length < KEPT) behindKeys.push(left.key);
      if (oldestBehind === undefined || isBefore(left, oldestBehind)) oldestBehind = left;
    }
  }
  return {
    ...{ objects, there, underWay, behind, extra, behindKeys },
    oldestBehindAt: oldestBehind?.modified ?? null,
    newestAt: newest?.object.modified ?? null,
    newestThere: newest?.isThere ?? false,
  };
}

/** Under another key of encryption the ETag is another one; then a replica is at least not older. */
const isReplicaOf = (replica: S3Object, original: S3Object): boolean =>
  replica.size === original.size && (replica.etag === original.etag || !isBefore(replica, original));

const isBefore = (one: S3Object, other: S3Object): boolean =>
  one.modified.epochMicros < other.modified.epochMicros;
