import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import { listVersions } from './client/list.ts';
import { afterwards, reporter, throwFailures } from './bulk/outcome.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { batches, deletedKeys, removeMarkers } from './bulk/undelete.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.undelete'];

/** Measured best: larger batches leave the server idle at their end, smaller ones cost a round trip each. */
const BATCH = 50;
const CONCURRENCY = 32;
const SAMPLES = 20;

/** Brings deleted objects back by removing the delete markers that hide them. */
export const s3Undelete: StepKind<Args, Output['s3.undelete']> = {
  name: 's3.undelete',
  outputs: ['restored'],
  effect: () => 'write',
  describe: (args) =>
    `Bring back the deleted objects of ${bucketPlace(args)}${args.since === undefined ? '' : ` that were there at ${args.since.toString()}`}`,
  byHand: (args, environment) => byHand(args, environment),
  targets: (args) => [targetUse('buckets', args.bucket, 'write')],

  async run(args, context) {
    const client = openBucket(args.bucket, context, {
      concurrency: args.concurrency ?? CONCURRENCY,
    });
    try {
      const tally = await removeAll(args, context, client);
      const { count, keys } = await stillDeleted(args, client);
      if (count > 0) throw notProven(count, keys, tally);
      const { restored = 0, markers = 0, lost = 0 } = tally;
      return { restored, markers, lost, remaining: count };
    } finally {
      client.close();
    }
  },

  // What is back is no longer found: running it again goes on where it was.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

async function removeAll(args: Args, context: StepContext, client: S3Client): Promise<Tally> {
  const { prefix, since } = args;
  const order = { bucket: client.bucket, prefix: prefix ?? null, since: since?.toString() ?? null };
  const ledger = new UploadLedger(context, order);
  const { start } = ledger;
  const show = reporter(context, 'objects');
  let done = 0;
  const swept = await afterwards(
    sweep({
      items: batches(deletedKeys(listVersions(client, { prefix, after: start.after }), since), BATCH),
      keyOf: (batch) => batch.at(-1)?.key ?? '',
      work: (batch) => removeMarkers(client, batch),
      concurrency: client.limit.max,
      start,
      save: (mark) => ledger.save(mark),
      context,
      progress: ({ restored = 0 }) => show((done = restored)),
    }),
    () => done > 0,
  );
  throwFailures(swept, ['restored'], 'brought back');
  return swept.tally;
}

/** The proof: nothing that was asked for is hidden any more. */
async function stillDeleted(
  args: Args,
  client: S3Client,
): Promise<{ count: number; keys: readonly string[] }> {
  const versions = listVersions(client, { prefix: args.prefix });
  const keys: string[] = [];
  let count = 0;
  for await (const { key, hasVersion } of deletedKeys(versions, args.since)) {
    if (!hasVersion) continue;
    count++;
    if (keys.length < SAMPLES) keys.push(key);
  }
  return { count, keys };
}

const notProven = (count: number, keys: readonly string[], tally: Tally): StepError =>
  new StepError(`${count} objects are deleted still, or again: ${keys.slice(0, 3).join(', ')}`, {
    code: 'notProven',
    hint: 'Something goes on deleting: find and stop it, then try again.',
    changed: 'something',
    retryable: true,
    details: { remaining: count, keys, ...tally },
  });

const byHand: NonNullable<StepKind<Args>['byHand']> = (args, environment) => {
  const { bucket, prefix, since } = args;
  const name = nameOf(bucket);
  const filter = since === undefined ? '' : ` && LastModified>=\`${since.toString()}\``;
  const list = aws(environment, bucket, [
    's3api',
    'list-object-versions',
    '--bucket',
    name,
    ...(prefix === undefined ? [] : ['--prefix', prefix]),
    '--query',
    `{Objects: DeleteMarkers[?IsLatest${filter}].{Key: Key, VersionId: VersionId}}`,
    '--output',
    'json',
  ]);
  const remove = aws(environment, bucket, [
    's3api',
    'delete-objects',
    '--bucket',
    name,
    '--delete',
    'file://markers.json',
  ]);
  return `${list} > markers.json\n${remove}  # at most 1000 in one call`;
};
