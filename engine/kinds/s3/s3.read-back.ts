import { randomInt } from 'node:crypto';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { ARCHIVED } from './bulk/copy.ts';
import { receive } from './bulk/download.ts';
import { reporter } from './bulk/outcome.ts';
import { bucketPlace } from './client/bucket-place.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { compareKeys, listObjects } from './client/list.ts';

type Args = With['s3.read-back'];
type Result = Output['s3.read-back'];

const SAMPLE = 100;
/** So many are named in the output. */
const NAMED = 100;

/** Reads objects to their last byte and keeps none: whether what a bucket lists can be had. */
export const s3ReadBack: StepKind<Args, Result> = {
  name: 's3.read-back',
  outputs: ['read', 'wrong'],
  effect: () => 'read',
  describe: ({ bucket, prefix, keys, sample = SAMPLE }) =>
    keys === undefined
      ? `Read ${String(sample)} objects of ${bucketPlace({ bucket, ...(prefix !== undefined && { prefix }) })} back`
      : `Read ${keys.join(', ')} of ${nameOf(bucket)} back`,
  targets: (args) => [targetUse('buckets', args.bucket, 'read')],

  async run(args, context) {
    const client = openBucket(args.bucket, context);
    try {
      const drawn =
        args.keys === undefined
          ? await draw(client, args, context)
          : { keys: args.keys, objects: null, archived: null };
      const { keys, ...counts } = drawn;
      return { ...counts, ...(await readAll(client, keys, context)) };
    } finally {
      client.close();
    }
  },
};

interface Drawn {
  readonly keys: readonly string[];
  readonly objects: number;
  readonly archived: number;
}

/** Keys drawn by lot from a stream whose length nobody knows: each object is as likely as any other. */
async function draw(
  client: S3Client,
  { prefix, sample = SAMPLE }: Args,
  context: StepContext,
): Promise<Drawn> {
  const show = reporter(context, 'objects listed');
  const keys: string[] = [];
  let [objects, archived] = [0, 0];
  for await (const { key, size, storageClass } of listObjects(client, { prefix })) {
    // Consoles make a folder so.
    if (key.endsWith('/') && size === 0) continue;
    if (ARCHIVED.has(storageClass)) {
      archived++;
      continue;
    }
    objects++;
    if (keys.length < sample) keys.push(key);
    else {
      const place = randomInt(objects);
      if (place < sample) keys[place] = key;
    }
    show(objects);
  }
  return { keys, objects, archived };
}

async function readAll(
  client: S3Client,
  keys: readonly string[],
  context: StepContext,
): Promise<Omit<Result, 'objects' | 'archived'>> {
  const show = reporter(context, 'objects read');
  const files: Result['files'][number][] = [];
  const wrong: string[] = [];
  const missing: string[] = [];
  const waiting = keys.values();
  const worker = async (): Promise<void> => {
    for (const key of waiting) {
      const file = await readOne(client, key);
      if (file === 'wrong') wrong.push(key);
      else if (file === 'missing') missing.push(key);
      else files.push(file);
      show(files.length, keys.length);
    }
  };
  await Promise.all(Array.from({ length: client.limit.max }, worker));
  const by = (how: 'digest' | 'size'): number => files.filter(({ provedBy }) => provedBy === how).length;
  return {
    read: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    byDigest: by('digest'),
    bySize: by('size'),
    wrong: wrong.sort(compareKeys),
    missing: missing.sort(compareKeys),
    files: files.sort((one, other) => compareKeys(one.key, other.key)).slice(0, NAMED),
  };
}

/** An answer for what is said of the object itself; whatever else is in the way is thrown. */
async function readOne(
  client: S3Client,
  key: string,
): Promise<Result['files'][number] | 'wrong' | 'missing'> {
  try {
    const { bytes, sha256, provedBy } = await client.read({ key }, (object) =>
      receive(client, { key }, object, () => Promise.resolve(), { withSha256: true }),
    );
    return { key, bytes, sha256: sha256 ?? '', provedBy };
  } catch (error) {
    if (error instanceof StepError && error.code === 'corrupt') return 'wrong';
    if (error instanceof StepError && error.code === 'NoSuchKey') return 'missing';
    throw error;
  }
}
