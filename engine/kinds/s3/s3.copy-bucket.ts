import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { joinByKey } from './bulk/compare.ts';
import { compareContent, etagsAreDigests, readVersioning } from './bulk/content.ts';
import { copyObject } from './bulk/copy.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import type { S3Object } from './client/list.ts';
import { listObjects } from './client/list.ts';
import { afterwards, reporter, throwFailures } from './bulk/outcome.ts';
import { Proof } from './bulk/proof.ts';
import type { Rewriting } from './bulk/rewriting.ts';
import { keyThere, listRewritten } from './bulk/rewriting.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.copy-bucket'];
type Result = Output['s3.copy-bucket'];

const CONCURRENCY = 64;

/** Copies the current objects of a bucket into another, inside the service; ends with a proof. */
export const s3CopyBucket: StepKind<Args, Result> = {
  name: 's3.copy-bucket',
  outputs: ['copied'],
  effect: () => 'write',
  describe(args) {
    const to =
      args.toPrefix === undefined ? nameOf(args.to) : bucketPlace({ bucket: args.to, prefix: args.toPrefix });
    return `Copy ${bucketPlace({ ...args, bucket: args.from })} to ${to}, keeping what is there`;
  },
  byHand(args, environment) {
    const [from, to] = [nameOf(args.from), nameOf(args.to)];
    const { here, there } = rewriting(args);
    const words = ['s3', 'sync', `s3://${from}/${here}`, `s3://${to}/${there}`, '--copy-props', 'default'];
    return aws(environment, args.to, words);
  },
  targets: (args) => [targetUse('buckets', args.from, 'read'), targetUse('buckets', args.to, 'write')],

  async run(args, context) {
    const concurrency = args.concurrency ?? CONCURRENCY;
    const to = openBucket(args.to, context, { concurrency });
    const from = openBucket(args.from, context, { concurrency });
    try {
      return await copyBucket(args, context, from, to);
    } finally {
      from.close();
      to.close();
    }
  },

  // What has been copied is found there: running it again goes on where it was.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

async function copyBucket(args: Args, context: StepContext, from: S3Client, to: S3Client): Promise<Result> {
  const { storageClass, prefix } = args;
  const keys = rewriting(args);
  checkPlaces(from, to, keys);
  const [versioning, digests] = await Promise.all([readVersioning(to), etagsAreDigests(to)]);
  const order = {
    from: from.bucket,
    to: to.bucket,
    prefix: prefix ?? null,
    storageClass: storageClass ?? null,
    ...(args.toPrefix !== undefined && { toPrefix: args.toPrefix }),
  };
  const ledger = new UploadLedger(context, order, {
    startedAt: to.serverNow ?? context.clock.now().epochMillis,
  });
  const show = reporter(context, 'objects');
  const total = countAhead(from, prefix);
  const { after } = ledger.start;
  let copied = 0;
  const swept = await afterwards(
    sweep({
      items: sources(pairs(from, to, keys, after)),
      keyOf: ({ source }) => source.key,
      work: async ({ source, existing }) => {
        const fate = decide(source, existing, { digests, isVersioned: versioning === 'Enabled' });
        if (fate === 'copied' || fate === 'replaced') {
          const options = { storageClass: storageClass ?? source.storageClass, uploads: ledger };
          await copyObject(to, { from, ...source, toKey: keyThere(keys, source.key) }, options);
          copied++;
          return { [fate]: 1, bytes: source.size };
        }
        return { [fate]: 1 };
      },
      concurrency: to.limit.max,
      start: ledger.start,
      save: (mark) => ledger.save(mark),
      context,
      progress: (tally) => show(lookedAt(tally), total.known),
    }),
    () => copied > 0,
  );
  throwFailures(swept, ['copied', 'replaced'], 'copied');
  const proof = await prove({
    from,
    to,
    keys,
    digests,
    tally: swept.tally,
    startedAt: Number(ledger.facts['startedAt']),
  });
  const { copied: new_ = 0, replaced = 0, same = 0, newer = 0, bytes = 0 } = swept.tally;
  return { copied: new_, replaced, same, newer, bytes, ...proof };
}

const lookedAt = ({ copied = 0, replaced = 0, same = 0, newer = 0 }: Tally): number =>
  copied + replaced + same + newer;

const rewriting = ({ prefix = '', toPrefix = prefix }: Args): Rewriting => ({
  here: prefix,
  there: toPrefix,
});

function checkPlaces(from: S3Client, to: S3Client, { here, there }: Rewriting): void {
  if (from.access.endpoint !== to.access.endpoint) {
    throw new StepError(
      `${from.bucket} and ${to.bucket} are at different services, and a service copies only inside itself`,
      {
        code: 'differentServices',
        hint: 'Bring the objects down with s3.sync-down and put them there with s3.put.',
      },
    );
  }
  if (from.bucket === to.bucket && here === there) {
    throw new StepError(`${from.bucket} would be copied onto itself`, {
      code: 'usage',
      hint: 'To go back to older versions of objects, use s3.restore-version.',
    });
  }
  if (from.bucket === to.bucket && (here.startsWith(there) || there.startsWith(here))) {
    throw new StepError(
      `in ${from.bucket} one of "${here}" and "${there}" lies in the other: copies would be copied again`,
      {
        code: 'usage',
        hint: 'Give a "toPrefix" beside the "prefix".',
      },
    );
  }
}

/** An object with the one that is in its place at the destination. */
interface Pair {
  readonly source: S3Object | undefined;
  readonly existing: S3Object | undefined;
}

/** Both sides, joined by the keys of the source. `after`: a key of the source. */
async function* pairs(
  from: S3Client,
  to: S3Client,
  keys: Rewriting,
  after?: string,
): AsyncGenerator<Pair, void, void> {
  const left = listObjects(from, { prefix: keys.here, after });
  const joined = joinByKey(left, listRewritten(to, keys, after));
  for await (const pair of joined) yield { source: pair.left, existing: pair.right?.object };
}

async function* sources(
  all: AsyncIterable<Pair>,
): AsyncGenerator<Pair & { readonly source: S3Object }, void, void> {
  for await (const { source, existing } of all) if (source !== undefined) yield { source, existing };
}

/** What becomes of an object. One that was written at the destination since is never touched. */
export function decide(
  source: S3Object,
  existing: S3Object | undefined,
  { digests, isVersioned }: { readonly digests: boolean; readonly isVersioned: boolean },
): 'copied' | 'replaced' | 'same' | 'newer' {
  if (existing === undefined) return 'copied';
  const sameness = compareContent(source, existing, digests);
  const isNewer = existing.modified.epochMicros >= source.modified.epochMicros;
  if (sameness === 'etag' || (sameness === 'size' && isNewer)) return 'same';
  if (isNewer) return 'newer';
  if (isVersioned) return 'replaced';
  throw new StepError(
    `${source.key} is there with another, older content, and the bucket would not keep it`,
    {
      code: 'wouldOverwrite',
      hint: 'Enable versioning on the destination (s3.configure), or copy into an empty bucket.',
    },
  );
}

/** How many there are, for the forecast; counted beside the work, which is slower than a listing. */
function countAhead(from: S3Client, prefix: string | undefined): { known: number | undefined } {
  const total: { known: number | undefined } = { known: undefined };
  const count = async (): Promise<void> => {
    let objects = 0;
    for await (const object of listObjects(from, { prefix })) if (object.key !== '') objects++;
    total.known = objects;
  };
  // A listing that fails is met by the work itself.
  count().catch(() => undefined);
  return total;
}

/** Both sides listed anew: every object that was at the source when it began is at the destination. */
type Counts = 'objects' | 'byEtag' | 'bySize' | 'extra' | 'writtenSince';

async function prove(what: {
  readonly from: S3Client;
  readonly to: S3Client;
  readonly keys: Rewriting;
  readonly digests: boolean;
  readonly tally: Tally;
  /** By the service's clock, in milliseconds since the epoch. */
  readonly startedAt: number;
}): Promise<Pick<Result, Counts>> {
  const { from, to, keys } = what;
  const proof = new Proof(to, what.digests);
  let [objects, extra, since] = [0, 0, 0];
  const began = Instant.fromMillis(what.startedAt);
  for await (const { source: left, existing: right } of pairs(from, to, keys)) {
    if (left === undefined) {
      extra++;
      continue;
    }
    const differs = right === undefined || compareContent(left, right, what.digests) === 'different';
    if (differs && left.modified.epochMicros >= began.epochMicros) {
      since++;
      continue;
    }
    objects++;
    const isNewer = right !== undefined && right.modified.epochMicros >= left.modified.epochMicros;
    // One that was written at the destination is right as it is, and was counted as newer.
    if (differs && isNewer && (what.tally['newer'] ?? 0) > 0) continue;
    await proof.hold(left, right);
  }
  const counts = proof.counts(
    what.tally,
    'Objects may have been changed or deleted meanwhile. Find out what writes there, then try again.',
  );
  return { objects, ...counts, extra, writtenSince: since };
}
