import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { fromFolder, placeOf } from '../machine/place.ts';
import { etagsAreDigests } from './bulk/content.ts';
import type { ProvedBy } from './bulk/digest.ts';
import { compareFile } from './bulk/digest.ts';
import type { LocalFile } from './bulk/local-files.ts';
import { filesBelow, lookAt } from './bulk/local-files.ts';
import { afterwards, reporter, shortKey, throwFailures } from './bulk/outcome.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import { etagInParts, uploadFile } from './bulk/upload.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { compareKeys } from './client/list.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.put'];
type Result = Output['s3.put'];

/** Each holds a few parts of a file in memory. */
const CONCURRENCY = 8;

/** Puts a file or a folder of this machine into a bucket; what is there with another content stays. */
export const s3Put: StepKind<Args, Result> = {
  name: 's3.put',
  outputs: ['uploaded'],
  effect: (args) => (args.overwrite === true ? 'destructive' : 'write'),
  describe(args) {
    const { bucket, key, prefix } = args;
    const where =
      key === undefined
        ? bucketPlace({ bucket, ...(prefix !== undefined && { prefix }) })
        : `${nameOf(bucket)} as ${shortKey(key)}`;
    return `Put ${args.path} into ${where}${args.overwrite === true ? ', over what is there' : ', keeping what is there'}`;
  },
  byHand(args, environment, folder) {
    const { bucket, path, key, prefix = '', storageClass, contentType } = args;
    const words = key === undefined ? ['s3', 'sync'] : ['s3', 'cp'];
    return aws(environment, bucket, [
      ...words,
      ...[fromFolder(path, folder), `s3://${nameOf(bucket)}/${key ?? prefix}`],
      ...(storageClass === undefined ? [] : ['--storage-class', storageClass]),
      ...(contentType === undefined ? [] : ['--content-type', contentType]),
    ]);
  },
  targets: ({ bucket, overwrite }) => [
    targetUse('buckets', bucket, overwrite === true ? 'destructive' : 'write'),
  ],

  async run(args, context) {
    const objects = await objectsOf(args, context);
    const client = openBucket(args.bucket, context, { concurrency: args.concurrency ?? CONCURRENCY });
    try {
      return await putAll(args, objects, context, client);
    } finally {
      client.close();
    }
  },

  // What was put is found there, with the same content: running it again goes on where it was.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

interface Planned {
  readonly key: string;
  readonly file: LocalFile;
}

/** What is to become what, in the order of keys. Throws `StepError` before anything is sent. */
async function objectsOf(args: Args, context: StepContext): Promise<readonly Planned[]> {
  const path = placeOf(args.path, context);
  const found = await lookAt(path);
  if (found !== 'folder') {
    if (args.key !== undefined && args.prefix === undefined) return [{ key: args.key, file: found }];
    throw usage(`${path} is a file: say under which "key" it is put, and no "prefix"`);
  }
  if (args.key !== undefined)
    throw usage(`${path} is a folder: say what keys begin with ("prefix"), no "key"`);
  const files = [...(await filesBelow(path))];
  return files
    .map(([name, file]) => ({ key: (args.prefix ?? '') + name, file }))
    .sort((a, b) => compareKeys(a.key, b.key));
}

const usage = (message: string): StepError => new StepError(message, { code: 'usage' });

async function putAll(
  args: Args,
  objects: readonly Planned[],
  context: StepContext,
  client: S3Client,
): Promise<Result> {
  const { key, prefix, storageClass, contentType, overwrite = false } = args;
  const digests = await etagsAreDigests(client);
  const ledger = new UploadLedger(context, {
    ...{ bucket: client.bucket, path: placeOf(args.path, context), overwrite },
    ...{ key: key ?? null, prefix: prefix ?? null },
    ...{ storageClass: storageClass ?? null, contentType: contentType ?? null },
  });
  const { after } = ledger.start;
  const show = reporter(context, 'files');
  let changed = 0;
  const work = async ({ key: name, file }: Planned): Promise<Tally> => {
    const upload = { key: name, storageClass, contentType, digests, uploads: ledger };
    const there = await find(client, name);
    const fate = there === undefined ? 'uploaded' : 'replaced';
    if (there !== undefined) {
      const sameness = await sameAs(client, there, file);
      if (sameness === 'digest') return { same: 1 };
      if (!overwrite) throw exists(name, client, sameness);
    }
    if ((await uploadFile(client, file, { ...upload, mayReplace: overwrite })) === 'taken') {
      // Somebody else has put it meanwhile, or an earlier try whose answer was lost.
      const now = await find(client, name);
      const sameness = now === undefined ? 'different' : await sameAs(client, now, file);
      if (sameness !== 'digest') throw exists(name, client, sameness);
    }
    changed++;
    return { [fate]: 1, bytes: file.size };
  };
  const swept = await afterwards(
    sweep({
      items: after === undefined ? objects : objects.filter((one) => compareKeys(one.key, after) > 0),
      keyOf: (one) => one.key,
      work,
      concurrency: client.limit.max,
      start: ledger.start,
      save: (mark) => ledger.save(mark),
      context,
      progress: ({ uploaded = 0, replaced = 0, same = 0 }) =>
        show(uploaded + replaced + same, objects.length),
    }),
    () => changed > 0,
  );
  throwFailures(swept, ['uploaded', 'replaced'], 'put');
  const { uploaded = 0, replaced = 0, same = 0, bytes = 0 } = swept.tally;
  return { files: objects.length, uploaded, replaced, same, bytes };
}

interface There {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
}

/** The object that has the key now. */
async function find(client: S3Client, key: string): Promise<There | undefined> {
  const input = { ...client.ownBucket, Key: key };
  const head = await client.attempt((s3, http) => s3.headObject(input, http));
  if ('refusal' in head) {
    if (head.refusal.status === 404) return undefined;
    throw client.error(head.refusal, `look at ${shortKey(key)}`);
  }
  const { ContentLength = 0, ETag = '' } = head.value;
  return { key, size: ContentLength, etag: ETag.replaceAll('"', '') };
}

/** `size`: the service keeps no digest, so that nothing tells whether the content is the same. */
async function sameAs(client: S3Client, there: There, file: LocalFile): Promise<ProvedBy | 'different'> {
  if (there.size !== file.size) return 'different';
  const proved = await compareFile(client, there, file.path);
  // Not every service tells how large the parts of an object are: of one that came from here it is known.
  const isOwn = proved === 'size' && there.etag.includes('-') && there.etag === (await etagInParts(file));
  return isOwn ? 'digest' : proved;
}

const exists = (key: string, { bucket }: S3Client, sameness: 'size' | 'different'): StepError =>
  new StepError(
    sameness === 'size'
      ? `${shortKey(key)} exists already in ${bucket}, where no digest tells whether its content is the same, and is not written over`
      : `${shortKey(key)} exists already in ${bucket}, with another content, and is not written over`,
    { code: 'exists', hint: 'Give another key or prefix, or add "overwrite: true".' },
  );
