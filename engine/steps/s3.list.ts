import type { Instant } from '../base/instant.ts';
import type { Value, ValueMap } from '../base/value.ts';
import type { StepKind } from '../model/stepkind.ts';
import { map, optionalInteger, optionalText } from './args.ts';
import { aws } from './s3/by-hand.ts';
import { openBucket } from './s3/client.ts';
import type { S3Object } from './s3/list.ts';
import { listObjects } from './s3/list.ts';
import { reporter } from './s3/outcome.ts';
import { bucketPlace } from './s3/words.ts';
import { nameOf, targetUse } from './target.ts';

const KEPT = 100;

/** Counts the objects of a bucket or below a prefix, and names the first of them. */
export const s3List: StepKind = {
  name: 's3.list',
  outputs: ['count', 'bytes'],
  effect: () => 'read',
  describe: (args) => `List ${bucketPlace(args)}`,
  byHand: (args, environment) =>
    aws(environment, map(args, 'bucket'), [
      's3',
      'ls',
      '--recursive',
      '--summarize',
      `s3://${nameOf(args['bucket'])}/${optionalText(args, 'prefix') ?? ''}`,
    ]),
  targets: (args) => [targetUse('buckets', map(args, 'bucket'), 'read')],

  async run(args, context) {
    const client = openBucket(map(args, 'bucket'), context);
    const show = reporter(context, 'objects');
    const most = optionalInteger(args, 'max') ?? KEPT;
    const objects: ValueMap[] = [];
    let count = 0;
    let bytes = 0;
    let newest: Instant | undefined;
    let oldest: Instant | undefined;
    try {
      for await (const object of listObjects(client, { prefix: optionalText(args, 'prefix') })) {
        if (count++ < most) objects.push(shown(object));
        bytes += object.size;
        if (newest === undefined || object.modified.epochMicros > newest.epochMicros)
          newest = object.modified;
        if (oldest === undefined || object.modified.epochMicros < oldest.epochMicros)
          oldest = object.modified;
        show(count);
      }
    } finally {
      client.close();
    }
    return { count, bytes, newest: newest ?? null, oldest: oldest ?? null, objects };
  },
};

const shown = ({ key, size, etag, modified, storageClass }: S3Object): Record<string, Value> => ({
  key,
  size,
  etag,
  modified,
  storageClass,
});
