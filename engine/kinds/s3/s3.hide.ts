import { count } from '../../base/human.ts';
import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { readVersioning } from './bulk/content.ts';
import type { KeyList } from './bulk/key-list.ts';
import { keysAfter, readKeys } from './bulk/key-list.ts';
import { afterwards, reporter, shortKey, throwFailures } from './bulk/outcome.ts';
import type { Tally } from './bulk/sweep.ts';
import { sweep } from './bulk/sweep.ts';
import { UploadLedger } from './bulk/upload-ledger.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.hide'];
type Result = Output['s3.hide'];

const CONCURRENCY = 32;
/** An object that is written anew in between is looked at again. */
const TRIES = 3;

/** Hides objects, named one by one, behind delete markers. Their versions stay: s3.undelete brings them back. */
export const s3Hide: StepKind<Args, Result> = {
  name: 's3.hide',
  outputs: ['since'],
  effect: () => 'write',
  describe: (args) => `Hide ${what(args)} of ${nameOf(args.bucket)} behind delete markers`,
  byHand: (args, environment) =>
    aws(environment, args.bucket, [
      ...['s3api', 'delete-object', '--bucket', nameOf(args.bucket)],
      ...['--key', args.keys?.[0] ?? 'KEY'],
    ]) + (args.keys?.length === 1 ? '' : '  # and so on for each key'),
  targets: (args) => [targetUse('buckets', args.bucket, 'write')],

  async run(args, context) {
    const list = await readKeys(args, context);
    if (list === undefined) {
      throw new StepError('it is not said which objects are to be hidden', {
        code: 'usage',
        hint: 'Give "keys", or a "keysFile".',
      });
    }
    const client = openBucket(args.bucket, context, { concurrency: args.concurrency ?? CONCURRENCY });
    try {
      return await hideAll(list, context, client);
    } finally {
      client.close();
    }
  },

  // What is hidden is looked at first, so that no second marker is put above the first.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

function what({ keys, keysFile }: Args): string {
  if (keys === undefined) return keysFile === undefined ? 'objects' : `the objects that ${keysFile} names`;
  return keys.length === 1 ? shortKey(keys[0] ?? '') : count(keys.length, 'object');
}

async function hideAll({ keys, digest }: KeyList, context: StepContext, client: S3Client): Promise<Result> {
  await checkVersioned(client);
  const ledger = new UploadLedger(
    context,
    { bucket: client.bucket, keys: digest },
    { startedAt: client.serverNow ?? context.clock.now().epochMillis },
  );
  // Before the first marker: what is to bring the objects back goes by this moment.
  await ledger.save(ledger.start);
  const show = reporter(context, 'objects');
  let hidden = 0;
  const swept = await afterwards(
    sweep({
      items: keysAfter(keys, ledger.start.after),
      keyOf: (key) => key,
      async work(key) {
        const tally = await hide(client, key);
        hidden += tally['hidden'] ?? 0;
        return tally;
      },
      concurrency: client.limit.max,
      start: ledger.start,
      save: (mark) => ledger.save(mark),
      context,
      progress: ({ hidden: new_ = 0, absent = 0 }) => show(new_ + absent, keys.length),
    }),
    () => hidden > 0,
  );
  throwFailures(swept, ['hidden'], 'hidden');
  const { hidden: all = 0, absent = 0 } = swept.tally;
  // S3 dates markers to whole seconds.
  const second = Math.floor(Number(ledger.facts['startedAt']) / 1000) * 1000;
  return { keys: keys.length, hidden: all, absent, since: Instant.fromMillis(second) };
}

/** Without versions a deletion is one for good; where they are suspended it takes the version that has no id. */
async function checkVersioned(client: S3Client): Promise<void> {
  const versioning = await readVersioning(client);
  if (versioning === 'Enabled') return;
  const state = versioning === 'Never' ? 'is not versioned' : 'has its versioning suspended';
  throw new StepError(`${client.bucket} ${state}: what is deleted there does not come back`, {
    code: 'notVersioned',
    hint: 'Enable versioning first (s3.configure, "versioning: Enabled").',
  });
}

/** Puts one marker, above the very object that was seen. */
async function hide(client: S3Client, key: string): Promise<Tally> {
  const doing = `hide ${shortKey(key)}`;
  const object = { ...client.ownBucket, Key: key };
  for (let tries = 1; ; tries++) {
    const head = await client.attempt((s3, http) => s3.headObject(object, http));
    if ('refusal' in head) {
      if (head.refusal.status !== 404) throw client.error(head.refusal, `look at ${shortKey(key)}`);
      // In a second look: an earlier try, whose answer was lost, has hidden it.
      return tries === 1 ? { absent: 1 } : { hidden: 1 };
    }
    const unchanged = { ...object, IfMatch: head.value.ETag ?? '*' };
    let answer = await client.attempt((s3, http) => s3.deleteObject(unchanged, http));
    // A service that knows no conditions here.
    if ('refusal' in answer && answer.refusal.status === 501)
      answer = await client.attempt((s3, http) => s3.deleteObject(object, http));
    if ('refusal' in answer) {
      const { status } = answer.refusal;
      if ((status === 404 || status === 409 || status === 412) && tries < TRIES) continue;
      throw client.error(answer.refusal, doing);
    }
    if (answer.value.DeleteMarker === true) return { hidden: 1 };
    throw new StepError(`${client.host} does not say that it put a delete marker above ${shortKey(key)}`, {
      code: 'notProven',
      changed: 'maybe',
      hint: 'Look with s3.list-versions what became of it, and whether the bucket is versioned still.',
    });
  }
}
