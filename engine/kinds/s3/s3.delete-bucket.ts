import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { checkDeletable, dropUploads, isThere, versionBatches } from './bulk/empty.ts';
import { deleteVersions } from './bulk/delete-versions.ts';
import { afterwards, reporter, throwFailures } from './bulk/outcome.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { listVersions } from './client/list.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.delete-bucket'];
type Result = Output['s3.delete-bucket'];

const ANY = 'any, with all that is in it';
const CONCURRENCY = 8;
/** While it is emptied something may go on writing: so often what came is removed too. */
const ROUNDS = 3;

/**
 * Deletes a bucket with all versions, delete markers and unfinished uploads in it. Only one that this run created,
 * unless told otherwise in so many words and with its name typed.
 */
export const s3DeleteBucket: StepKind<Args, Result> = {
  name: 's3.delete-bucket',
  effect: () => 'destructive',
  describe: (args) => `Delete the bucket ${nameOf(args.bucket)} and everything in it, all versions, for good`,
  byHand: (args, environment) =>
    `${aws(environment, args.bucket, ['s3', 'rb', '--force', `s3://${nameOf(args.bucket)}`])}  # where it is versioned, empty it in the console first`,
  targets: (args) => [targetUse('buckets', args.bucket, 'destructive')],
  typedName: ({ bucket, which }) => (which === ANY ? nameOf(bucket) : undefined),

  async run(args, context) {
    checkCreated(args, context);
    const client = openBucket(args.bucket, context, { concurrency: args.concurrency ?? CONCURRENCY });
    try {
      return await deleteBucket(context, client);
    } finally {
      client.close();
    }
  },

  // What is gone is gone: running it again goes on where it was.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

function checkCreated({ bucket, which }: Args, context: StepContext): void {
  if (which === ANY || context.created(bucket)) return;
  throw new StepError(`this run did not create the bucket ${nameOf(bucket)}, so it does not delete it`, {
    code: 'notCreatedByRun',
    hint: `Deleting takes all versions with it. If that is meant: "which: ${ANY}"; then the name has to be typed.`,
  });
}

async function deleteBucket(context: StepContext, client: S3Client): Promise<Result> {
  const ledger = new UploadLedger(context, { bucket: client.bucket });
  const { versions = 0, markers = 0, uploads = 0 } = ledger.start.tally;
  if (!(await isThere(client))) {
    const alreadyGone = context.checkpoint === undefined;
    return { name: client.bucket, versions, markers, uploads, alreadyGone };
  }
  await checkDeletable(client);
  // Before anything is deleted, so that a later life knows that it was this step.
  await ledger.save(ledger.start);
  let tally: Tally = { ...ledger.start.tally };
  for (let round = 1; ; round++) {
    const before = tally;
    tally = await afterwards(empty(context, client, ledger, tally), () => count(before) > 0);
    if (await afterwards(remove(client, round), () => count(tally) > 0)) break;
  }
  return {
    name: client.bucket,
    versions: tally['versions'] ?? 0,
    markers: tally['markers'] ?? 0,
    uploads: tally['uploads'] ?? 0,
    alreadyGone: false,
  };
}

const count = ({ versions = 0, markers = 0, uploads = 0 }: Tally): number => versions + markers + uploads;

/** Removes all that is in it now; gives what was removed so far. */
async function empty(
  context: StepContext,
  client: S3Client,
  ledger: UploadLedger,
  before: Tally,
): Promise<Tally> {
  const show = reporter(context, 'versions');
  let done = 0;
  const swept = await afterwards(
    sweep({
      items: versionBatches(listVersions(client, {})),
      keyOf: (batch) => batch.at(-1)?.key ?? '',
      async work(batch) {
        await deleteVersions(client, batch, 'version');
        done += batch.length;
        const markers = batch.filter(({ isMarker }) => isMarker).length;
        return { versions: batch.length - markers, markers };
      },
      concurrency: client.limit.max,
      // From the beginning each time: what is gone is no longer listed.
      start: { after: undefined, tally: before },
      save: ({ tally }) => ledger.save({ after: undefined, tally }),
      context,
      progress: (tally) => show(count(tally)),
    }),
    () => done > 0,
  );
  throwFailures(swept, ['versions', 'markers'], 'deleted');
  const uploads = await afterwards(dropUploads(client), () => count(swept.tally) > 0);
  const tally = { ...swept.tally, uploads: (swept.tally['uploads'] ?? 0) + uploads };
  await ledger.save({ after: undefined, tally });
  return tally;
}

/** Deletes the bucket, which is empty; false when something came into it meanwhile. Throws `StepError`. */
async function remove(client: S3Client, round: number): Promise<boolean> {
  const doing = `delete the bucket ${client.bucket}`;
  const answer = await client.attempt((s3, http) => s3.deleteBucket(client.ownBucket, http));
  if (!('refusal' in answer)) return true;
  const { code } = answer.refusal;
  // An earlier try of the same request, whose answer was lost, has done it.
  if (code === 'NoSuchBucket') return true;
  if (code !== 'BucketNotEmpty') throw client.error(answer.refusal, doing);
  if (round < ROUNDS) return false;
  throw new StepError(`${client.bucket} is not empty: something goes on writing into it`, {
    code,
    hint: 'Find out what writes there (an application, a replication) and stop it, then try again.',
    retryable: true,
  });
}
