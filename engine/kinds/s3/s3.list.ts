import type { Instant } from '../../base/instant.ts';
import type { StepKind } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import { ARCHIVED } from './bulk/copy.ts';
import { openBucket } from './client/client.ts';
import type { S3Object } from './client/list.ts';
import { listObjects } from './client/list.ts';
import { reporter } from './bulk/outcome.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

const KEPT = 100;

/** Counts the objects of a bucket or below a prefix, and names the first of them. */
export const s3List: StepKind<With['s3.list'], Output['s3.list']> = {
  name: 's3.list',
  outputs: ['count', 'bytes'],
  effect: () => 'read',
  describe: (args) => `List ${bucketPlace(args)}`,
  byHand: (args, environment) =>
    aws(environment, args.bucket, [
      's3',
      'ls',
      '--recursive',
      '--summarize',
      `s3://${nameOf(args.bucket)}/${args.prefix ?? ''}`,
    ]),
  targets: (args) => [targetUse('buckets', args.bucket, 'read')],

  async run(args, context) {
    const client = openBucket(args.bucket, context);
    const show = reporter(context, 'objects');
    const most = args.max ?? KEPT;
    const first = args.order === 'newest' ? new Newest(most) : new InOrder(most);
    let count = 0;
    let bytes = 0;
    let archived = 0;
    let firstArchived: string | null = null;
    let newest: Instant | undefined;
    let oldest: Instant | undefined;
    try {
      for await (const object of listObjects(client, { prefix: args.prefix })) {
        count++;
        first.see(object);
        bytes += object.size;
        if (ARCHIVED.has(object.storageClass)) {
          archived++;
          firstArchived ??= object.key;
        }
        if (newest === undefined || object.modified.epochMicros > newest.epochMicros)
          newest = object.modified;
        if (oldest === undefined || object.modified.epochMicros < oldest.epochMicros)
          oldest = object.modified;
        show(count);
      }
    } finally {
      client.close();
    }
    return {
      count,
      bytes,
      newest: newest ?? null,
      oldest: oldest ?? null,
      archived,
      firstArchived,
      complete: count <= most,
      objects: first.objects.map(shown),
    };
  },
};

/** The first in the order of their keys. */
class InOrder {
  readonly objects: S3Object[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  see(object: S3Object): void {
    if (this.objects.length < this.#most) this.objects.push(object);
  }
}

/** The newest, in flat memory: of twice as many the older half is dropped. */
class Newest {
  #kept: S3Object[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  see(object: S3Object): void {
    this.#kept.push(object);
    if (this.#kept.length > 2 * this.#most) this.#kept = this.objects;
  }

  get objects(): S3Object[] {
    return this.#kept
      .toSorted((one, other) => other.modified.epochMicros - one.modified.epochMicros)
      .slice(0, this.#most);
  }
}

const shown = ({
  key,
  size,
  etag,
  modified,
  storageClass,
}: S3Object): Output['s3.list']['objects'][number] => ({
  key,
  size,
  etag,
  modified,
  storageClass,
});
