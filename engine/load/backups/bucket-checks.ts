import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck, BackupSource, Limits } from './check.ts';
import { FOUND, SHARE, celText, lastOf, percent } from './check.ts';
import { COPY_PART, RESTORED_BUCKET, restoredBucket } from './bucket-application.ts';
import { capital } from './content-checks.ts';

/** Where the copy of a bucket lies; entries as in `buckets` of an environment. */
export interface BucketFacts {
  readonly copy: JsonObject;
  readonly original?: JsonObject | undefined;
  readonly prefix?: string | undefined;
  readonly originalPrefix?: string | undefined;
  readonly sample?: number | undefined;
  /** An application is started on it, for which it is restored: what its keys begin with. */
  readonly application?: { readonly prefix: string | undefined } | undefined;
  /** How long an object may be on its way from the original to the copy. */
  readonly within?: string | undefined;
}

export interface ObjectFacts {
  readonly name: string;
  readonly key: string;
  readonly sha256: string;
}

const COPY = '${{ env.buckets.copy }}';
const ORIGINAL = '${{ env.buckets.original }}';
/** Of a service of its own on this machine, and empty: each check is asked of it as well, and must be red. */
const LOST = '${{ env.buckets.lost }}';

/** The part that `LOST` lies at. */
const NOTHING = 'nothing';

/** A bucket's copy is not restored: it is read where it lies, and a sample of it to the last byte. */
export function bucketSource(facts: BucketFacts, limits: Limits): BackupSource {
  const { copy, original, application } = facts;
  const restored =
    application === undefined ? undefined : restoredBucket(copy, application.prefix ?? facts.prefix);
  return {
    places: [],
    parts: { [NOTHING]: { uses: 's3', with: { buckets: { lost: {} } } }, ...restored?.parts },
    environment: {
      buckets: {
        ...{ copy, ...(original !== undefined && { original }), lost: entryAt(NOTHING, 'lost', 'us-east-1') },
        ...(restored !== undefined && {
          [RESTORED_BUCKET]: entryAt(COPY_PART, restored.name, restored.region),
        }),
      },
      ...(restored !== undefined && { values: restored.values }),
    },
    needs: 'buckets.copy',
    before: [
      found(facts),
      ...newest(facts, limits),
      shareCheck(facts, limits, { id: 'Size', member: 'bytes', what: 'bytes' }),
      shareCheck(facts, limits, { id: 'Count', member: 'count', what: 'objects' }),
      ...(original === undefined ? [] : [sameAsOriginal(facts)]),
    ],
    restored: sampled(facts),
    ...(restored !== undefined && { forApplication: restored.check, emptied: restored.emptied }),
    after: [],
  };
}

/** A bucket of a part of the world, as whom its account asks it. */
const entryAt = (part: string, name: string, region: string): JsonObject => ({
  ...{ name, region, endpoint: `\${{ parts.${part}.url }}`, pathStyle: true },
  credentials: {
    accessKeyId: `\${{ parts.${part}.accessKeyId }}`,
    secretAccessKey: `\${{ parts.${part}.secretAccessKey }}`,
  },
  fingerprint: { name, region, account: `\${{ parts.${part}.account }}` },
});

type Asked = Pick<BackupCheck, 'uses' | 'with' | 'broken'>;

/** Asked of the copy, and of the bucket that has lost everything. */
const listing = ({ prefix }: BucketFacts): Asked => {
  const asked = { ...(prefix !== undefined && { prefix }), max: 0 };
  return {
    uses: 's3.list',
    with: { bucket: COPY, ...asked },
    broken: { of: { bucket: LOST, ...asked } },
  };
};

const found = (facts: BucketFacts): BackupCheck => ({
  id: 'Found',
  title: 'The copy can be listed, and holds objects',
  ...listing(facts),
  that: 'output.count > 0',
  else: `There is no object${facts.prefix === undefined ? '' : ` below ${facts.prefix}`}`,
  reading: '${{ output.count }} objects, ${{ output.bytes }} bytes, the newest of ${{ output.newest }}',
});

function newest(facts: BucketFacts, { age: within }: Limits): readonly BackupCheck[] {
  if (within === undefined) return [];
  return [
    {
      id: 'Age',
      title: `Its newest object is not older than ${within}`,
      ...listing(facts),
      when: FOUND,
      that: `output.newest != null && now - output.newest <= duration(${celText(within)})`,
      else: `Its newest object was written at \${{ output.newest }}, more than ${within} ago`,
      reading: 'written at ${{ output.newest }}',
    },
  ];
}

function shareCheck(
  facts: BucketFacts,
  { size: share = SHARE, since }: Limits,
  { id, member, what }: { readonly id: string; readonly member: string; readonly what: string },
): BackupCheck {
  const { known, last } = lastOf(id, since);
  const [now, before] = [`output.${member}`, `${last}.${member}`];
  return {
    id,
    title: `It has ${percent(share)} of its ${what} when it was proven last, or more`,
    ...listing(facts),
    when: FOUND,
    that: `${now} > 0 && (!${known} || double(${now}) >= ${share.toFixed(4)} * double(${before}))`,
    else: `It has \${{ ${now} }} ${what}, and had \${{ ${before} }} when it was proven last`,
    reading: `\${{ ${now} }} ${what}, \${{ ${known} ? "and " + string(${before}) + " when it was proven last" : "nothing to compare with yet" }}`,
    recalls: true,
  };
}

/** What was written a moment ago may still be on its way. */
function sameAsOriginal({ prefix, originalPrefix, within = '15m' }: BucketFacts): BackupCheck {
  const [here, there] = [originalPrefix ?? prefix, prefix];
  const asked = {
    left: ORIGINAL,
    ...(here !== undefined && { prefix: here }),
    ...(there !== here && { rightPrefix: there ?? '' }),
    before: `\${{ now - duration(${celText(within)}) }}`,
  };
  const lacking = '${{ output.missing }} objects of the original are not in it';
  return {
    id: 'Original',
    title: `Each object of the original is in it, ${within} later at the latest`,
    uses: 's3.compare-buckets',
    with: { ...asked, right: COPY },
    broken: { of: { ...asked, right: LOST } },
    when: FOUND,
    that: 'output.leftObjects > 0 && output.missing == 0 && output.different == 0',
    else: `\${{ output.leftObjects == 0 ? "The original holds no object: nothing can be held against it" : "" }}${lacking}, \${{ output.different }} are there with another content: \${{ join(output.missingKeys + output.differentKeys, ", ") }}`,
    reading:
      '${{ output.leftObjects }} objects, ${{ output.leftBytes }} bytes: ${{ output.byEtag }} the same by their ETag, ${{ output.bySize }} by their size alone, ${{ output.writtenSince }} written since',
  };
}

function sampled({ prefix, sample = 100 }: BucketFacts): BackupCheck {
  const asked = { ...(prefix !== undefined && { prefix }), sample };
  return {
    id: 'Restored',
    title: `What it lists can be had: ${String(sample)} of its objects, drawn by lot, come back to the last byte`,
    uses: 's3.read-back',
    with: { bucket: COPY, ...asked },
    broken: { of: { bucket: LOST, ...asked } },
    when: FOUND,
    that: 'output.read > 0 && size(output.wrong) == 0',
    else: '${{ output.read == 0 && size(output.wrong) == 0 ? "None could be read: " + string(output.archived) + " are in the archive" : "Came with another content than their digest says: " + join(output.wrong, ", ") }}',
    reading:
      '${{ output.read }} of ${{ output.objects }} objects, ${{ output.bytes }} bytes: ${{ output.byDigest }} held against their digest, ${{ output.bySize }} against their size alone; ${{ output.archived }} more are in the archive',
  };
}

/** An object that was written once. */
export const objectCanary = ({ name, key, sha256 }: ObjectFacts): BackupCheck => ({
  id: `Canary${capital(name)}`,
  title: `The canary ${name} came back byte for byte`,
  uses: 's3.read-back',
  with: { bucket: COPY, keys: [key] },
  broken: { of: { bucket: LOST, keys: [key] } },
  when: FOUND,
  that: `size(output.files) == 1 && output.files[0].sha256 == ${celText(sha256)}`,
  else: `\${{ size(output.files) == 1 ? "It came back, and not as it was written" : size(output.wrong) == 1 ? "It came with another content than its digest says" : "There is no object where the canary was written" }}`,
  reading: 'sha256:${{ output.files[0].sha256 }}',
});
