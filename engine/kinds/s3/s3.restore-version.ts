import type { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { compareContent, etagsAreDigests, readVersioning } from './bulk/content.ts';
import { ARCHIVED, copyObject } from './bulk/copy.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import type { S3Version } from './client/list.ts';
import { afterwards, reporter, throwFailures } from './bulk/outcome.ts';
import { Proof } from './bulk/proof.ts';
import type { Selection } from './bulk/selection.ts';
import { readSelection, selectedVersions, selectionWords } from './bulk/selection.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['s3.restore-version'];

const CONCURRENCY = 64;

/** Makes older versions current again, as new versions: one by key, or all under a prefix as of a moment. */
export const s3RestoreVersion: StepKind<With['s3.restore-version'], Result> = {
  name: 's3.restore-version',
  outputs: ['restored'],
  effect: () => 'write',
  describe: (args) => `Put ${selectionWords(args)} back; what is current stays as an older version`,
  byHand(args, environment) {
    const { bucket } = args;
    const name = nameOf(bucket);
    const { key } = args;
    const versionId = args.versionId ?? 'VERSION_ID';
    const list = ['s3api', 'list-object-versions', '--bucket', name, '--prefix', key ?? args.prefix ?? ''];
    const source = `${name}/${key ?? 'KEY'}?versionId=${versionId}`;
    const copy = ['s3api', 'copy-object', '--bucket', name, '--copy-source', source, '--key', key ?? 'KEY'];
    return `${aws(environment, bucket, list)}\n${aws(environment, bucket, copy)}${key === undefined ? '  # for each key' : ''}`;
  },
  targets: (args) => [targetUse('buckets', args.bucket, 'write')],

  async run(args, context) {
    const selection = readSelection(args);
    const concurrency = args.concurrency ?? CONCURRENCY;
    const client = openBucket(args.bucket, context, { concurrency });
    try {
      return await restore(selection, context, client);
    } finally {
      client.close();
    }
  },

  // What is current already is left alone: running it again goes on where it was.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

async function restore(selection: Selection, context: StepContext, client: S3Client): Promise<Result> {
  const [versioning, digests] = await Promise.all([readVersioning(client), etagsAreDigests(client)]);
  if (versioning !== 'Enabled') throw notVersioned(client, versioning);
  const ledger = new UploadLedger(context, { bucket: client.bucket, ...selection.order });
  const show = reporter(context, 'objects');
  let copied = 0;
  const swept = await afterwards(
    sweep({
      items: selectedVersions(client, selection, ledger.start.after),
      keyOf: ({ key }) => key,
      work: async ({ then, now }): Promise<Tally> => {
        if (then === undefined) return { absent: 1 };
        if (isCurrent(then, now)) return { unchanged: 1 };
        const storageClass = ARCHIVED.has(then.storageClass) ? 'STANDARD' : then.storageClass;
        await copyObject(client, { from: client, ...then }, { storageClass, uploads: ledger });
        copied++;
        return { restored: 1, bytes: then.size };
      },
      concurrency: client.limit.max,
      start: ledger.start,
      save: (mark) => ledger.save(mark),
      context,
      progress: ({ restored = 0, unchanged = 0, absent = 0 }) => show(restored + unchanged + absent),
    }),
    () => copied > 0,
  );
  throwFailures(swept, ['restored'], 'put back');
  const { restored = 0, unchanged = 0, absent = 0, bytes = 0 } = swept.tally;
  if (selection.key !== undefined && restored + unchanged === 0)
    throw notFound(selection.key, client, selection.at);
  return { restored, unchanged, absent, bytes, ...(await prove(selection, client, digests, swept.tally)) };
}

const isCurrent = (then: S3Version, now: S3Version | undefined): boolean =>
  now !== undefined && (now.versionId === then.versionId || compareContent(then, now, true) === 'etag');

/** Listed anew: what was current then has the content of what is current now. */
async function prove(
  selection: Selection,
  client: S3Client,
  digests: boolean,
  tally: Tally,
): Promise<Pick<Result, 'byEtag' | 'bySize'>> {
  const proof = new Proof(client, digests);
  for await (const { then, now } of selectedVersions(client, selection, undefined)) {
    if (then !== undefined) await proof.hold(then, now);
  }
  return proof.counts(
    tally,
    'Something goes on writing or deleting there. Find and stop it, then try again.',
  );
}

const notVersioned = (client: S3Client, versioning: string): StepError =>
  new StepError(
    versioning === 'Never'
      ? `${client.bucket} has never kept versions: there is nothing to go back to`
      : `versioning of ${client.bucket} is suspended: what is current would be lost`,
    {
      code: 'notVersioned',
      hint:
        versioning === 'Never'
          ? 'Copy from a replica instead: s3.copy-bucket.'
          : 'Enable versioning first: s3.configure.',
    },
  );

const notFound = (key: string, client: S3Client, at: Instant | undefined): StepError =>
  new StepError(
    at === undefined
      ? `${client.bucket} has no such version of ${key}`
      : `${key} was not in ${client.bucket} at ${at.toString()}`,
    { code: 'NoSuchVersion', hint: 'Look at what there is: s3.list-versions shows deleted objects too.' },
  );
