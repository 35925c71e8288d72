import type { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { joinByKey } from './bulk/compare.ts';
import { compareContent, etagsAreDigests, hasKmsKey } from './bulk/content.ts';
import { reporter } from './bulk/outcome.ts';
import { listRewritten } from './bulk/rewriting.ts';
import { bucketPlace } from './client/bucket-place.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import type { S3Object } from './client/list.ts';
import { listObjects } from './client/list.ts';

type Args = With['s3.compare-buckets'];
type Result = Output['s3.compare-buckets'];

const KEPT = 100;

/** Holds the objects of a bucket against those of another: what is missing there, and what is another. */
export const s3CompareBuckets: StepKind<Args, Result> = {
  name: 's3.compare-buckets',
  outputs: ['missing', 'different'],
  effect: () => 'read',
  describe: (args) =>
    `Hold ${bucketPlace({ ...args, bucket: args.left })} against ${nameOf(args.right)}, object by object`,
  targets: (args) => [targetUse('buckets', args.left, 'read'), targetUse('buckets', args.right, 'read')],

  async run(args, context) {
    const left = openBucket(args.left, context);
    const right = openBucket(args.right, context);
    try {
      return await compare(args, context, left, right);
    } finally {
      left.close();
      right.close();
    }
  },
};

async function compare(args: Args, context: StepContext, left: S3Client, right: S3Client): Promise<Result> {
  const { prefix = '', rightPrefix = prefix, before } = args;
  const show = reporter(context, 'objects');
  const digests = (await etagsAreDigests(left)) && (await etagsAreDigests(right));
  const counts = { leftObjects: 0, leftBytes: 0, rightObjects: 0, rightBytes: 0 };
  const found = { byEtag: 0, bySize: 0, missing: 0, different: 0, extra: 0, writtenSince: 0 };
  const keys: Record<'missing' | 'different', string[]> = { missing: [], different: [] };
  const there = listRewritten(right, { here: prefix, there: rightPrefix });
  for await (const pair of joinByKey(listObjects(left, { prefix }), there)) {
    const [expected, actual] = [pair.left, pair.right?.object];
    if (actual !== undefined) {
      counts.rightObjects++;
      counts.rightBytes += actual.size;
    }
    if (expected === undefined) {
      found.extra++;
      continue;
    }
    counts.leftObjects++;
    counts.leftBytes += expected.size;
    const fate = await fateOf(expected, actual, { left, right, digests });
    if (fate === 'byEtag' || fate === 'bySize') found[fate]++;
    else if (isSince(expected, before)) found.writtenSince++;
    else {
      found[fate]++;
      if (keys[fate].length < KEPT) keys[fate].push(expected.key);
    }
    show(counts.leftObjects);
  }
  return { ...counts, ...found, missingKeys: keys.missing, differentKeys: keys.different };
}

async function fateOf(
  expected: S3Object,
  actual: S3Object | undefined,
  { left, right, digests }: { readonly left: S3Client; readonly right: S3Client; readonly digests: boolean },
): Promise<'byEtag' | 'bySize' | 'missing' | 'different'> {
  if (actual === undefined) return 'missing';
  const sameness = compareContent(expected, actual, digests);
  if (sameness !== 'different') return sameness === 'etag' ? 'byEtag' : 'bySize';
  if (expected.size !== actual.size) return 'different';
  // With a key of KMS of its own an ETag is no digest, whatever it looks like.
  const isKeyed = (await hasKmsKey(left, expected.key)) || (await hasKmsKey(right, actual.key));
  return isKeyed ? 'bySize' : 'different';
}

const isSince = ({ modified }: S3Object, before: Instant | undefined): boolean =>
  before !== undefined && modified.epochMicros >= before.epochMicros;
