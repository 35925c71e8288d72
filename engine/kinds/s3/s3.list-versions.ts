import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import { ARCHIVED } from './bulk/copy.ts';
import { openBucket } from './client/client.ts';
import type { S3Version } from './client/list.ts';
import { listVersions } from './client/list.ts';
import { reporter } from './bulk/outcome.ts';
import { versionsOf } from './bulk/selection.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['s3.list-versions'];
type Shown = Result['versions'][number];

const KEPT = 100;

/** Lists versions and delete markers: of one key, or below a prefix. */
export const s3ListVersions: StepKind<With['s3.list-versions'], Result> = {
  name: 's3.list-versions',
  outputs: ['versions'],
  effect: () => 'read',
  describe: (args) =>
    `List the versions of ${typeof args.key === 'string' ? `${args.key} in ` : ''}${bucketPlace(args)}`,
  byHand: (args, environment) =>
    aws(environment, args.bucket, [
      's3api',
      'list-object-versions',
      '--bucket',
      nameOf(args.bucket),
      '--prefix',
      args.key ?? args.prefix ?? '',
    ]),
  targets: (args) => [targetUse('buckets', args.bucket, 'read')],

  async run(args, context) {
    const { key, prefix } = args;
    if (key !== undefined && prefix !== undefined) {
      throw new StepError('"key" and "prefix" exclude each other', { code: 'usage' });
    }
    const client = openBucket(args.bucket, context);
    const most = args.max ?? KEPT;
    const show = reporter(context, 'versions');
    const versions: Shown[] = [];
    const counts = { count: 0, markers: 0, deleted: 0, bytes: 0, archived: 0 };
    const rewritten = new Rewritten();
    try {
      for await (const version of key === undefined
        ? listVersions(client, { prefix })
        : versionsOf(client, key)) {
        if (counts.count++ < most) versions.push(shown(version));
        if (version.isMarker) counts.markers++;
        if (version.isMarker && version.isLatest) counts.deleted++;
        counts.bytes += version.size;
        if (!version.isMarker && ARCHIVED.has(version.storageClass)) counts.archived++;
        rewritten.see(version);
        show(counts.count);
      }
    } finally {
      client.close();
    }
    return { ...counts, rewritten: rewritten.count, complete: counts.count <= most, versions };
  },
};

/**
 * Counts the keys whose current object is another one than the first that was written there, by ETag.
 * Versions come key by key, of each the newest first, so one key at a time is all there is to remember.
 */
class Rewritten {
  #count = 0;
  #key: string | undefined;
  #current: string | undefined;
  #first: string | undefined;

  see({ key, isMarker, isLatest, etag }: S3Version): void {
    if (key !== this.#key) this.#next(key);
    if (isMarker) return;
    if (isLatest) this.#current = etag;
    this.#first = etag;
  }

  get count(): number {
    this.#next(undefined);
    return this.#count;
  }

  #next(key: string | undefined): void {
    if (this.#current !== undefined && this.#current !== this.#first) this.#count++;
    this.#key = key;
    this.#current = undefined;
    this.#first = undefined;
  }
}

function shown(version: S3Version): Shown {
  const { key, versionId, isLatest, isMarker, modified, size, etag, storageClass } = version;
  return { key, versionId, latest: isLatest, deleteMarker: isMarker, modified, size, etag, storageClass };
}
