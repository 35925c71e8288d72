import { count } from '../../base/human.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import type { KeyList } from './bulk/key-list.ts';
import { keysAfter, readKeys, versionsOfKeys } from './bulk/key-list.ts';
import type { S3Version } from './client/list.ts';
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
    `Bring back ${which(args)} of ${bucketPlace(args)}${args.since === undefined ? '' : ` that were there at ${args.since.toString()}`}`,
  byHand: (args, environment) => byHand(args, environment),
  targets: (args) => [targetUse('buckets', args.bucket, 'write')],

  async run(args, context) {
    const list = await readKeys(args, context);
    if (list !== undefined && args.prefix !== undefined) {
      throw new StepError('both a list of keys and a "prefix" are given', { code: 'usage' });
    }
    const client = openBucket(args.bucket, context, {
      concurrency: args.concurrency ?? CONCURRENCY,
    });
    try {
      const tally = await removeAll(args, list, context, client);
      const { count, keys } = await stillDeleted(args, list, client);
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

function which({ keys, keysFile }: Args): string {
  if (keysFile !== undefined) return `the deleted objects that ${keysFile} names`;
  return keys === undefined ? 'the deleted objects' : `what is deleted of ${count(keys.length, 'object')}`;
}

async function removeAll(
  args: Args,
  list: KeyList | undefined,
  context: StepContext,
  client: S3Client,
): Promise<Tally> {
  const { prefix, since } = args;
  const order = {
    bucket: client.bucket,
    prefix: prefix ?? null,
    since: since?.toString() ?? null,
    ...(list !== undefined && { keys: list.digest }),
  };
  const ledger = new UploadLedger(context, order);
  const { start } = ledger;
  const show = reporter(context, 'objects');
  let done = 0;
  const swept = await afterwards(
    sweep({
      items: batches(deletedKeys(candidates(client, prefix, list, start.after), since), BATCH),
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

/** The versions of what may be meant. `after`: a key below which all is done. */
function candidates(
  client: S3Client,
  prefix: string | undefined,
  list: KeyList | undefined,
  after?: string,
): AsyncIterable<S3Version> {
  if (list === undefined) return listVersions(client, { prefix, after });
  return versionsOfKeys(client, keysAfter(list.keys, after));
}

/** The proof: nothing that was asked for is hidden any more. */
async function stillDeleted(
  args: Args,
  list: KeyList | undefined,
  client: S3Client,
): Promise<{ count: number; keys: readonly string[] }> {
  const versions = candidates(client, args.prefix, list);
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
