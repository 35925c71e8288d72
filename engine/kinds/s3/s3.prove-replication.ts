import { humanDuration } from '../../base/human.ts';
import { Instant } from '../../base/instant.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { poll } from '../context/poll.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { compareReplica } from './bulk/replicated.ts';
import { bucketPlace } from './client/bucket-place.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import type { S3Object } from './client/list.ts';
import { listObjects } from './client/list.ts';

type Args = With['s3.prove-replication'];
type Result = Output['s3.prove-replication'];

const WITHIN_MS = 15 * 60_000;

/** Proves that a bucket is replicated: a rule says what should happen, an object that arrives says what does. */
export const s3ProveReplication: StepKind<Args, Result> = {
  name: 's3.prove-replication',
  outputs: ['behind'],
  effect: () => 'write',
  describe: (args) =>
    `Put a probe into ${bucketPlace({ ...args, bucket: args.from })}, see it arrive in ${nameOf(args.to)}, and hold both against each other`,
  byHand(args, environment) {
    const [bucket, key] = [nameOf(args.from), `${args.prefix ?? ''}drillbook-probe`];
    return ['put-object', 'head-object']
      .map((command) => aws(environment, args.from, ['s3api', command, '--bucket', bucket, '--key', key]))
      .join('\n');
  },
  targets: (args) => [targetUse('buckets', args.from, 'write'), targetUse('buckets', args.to, 'write')],

  async run(args, context) {
    const from = openBucket(args.from, context);
    const to = openBucket(args.to, context);
    try {
      return await prove(args, context, from, to);
    } finally {
      from.close();
      to.close();
    }
  },

  // The probe has the same key in each life, and all of its versions go.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

async function prove(args: Args, context: StepContext, from: S3Client, to: S3Client): Promise<Result> {
  const withinMs = args.within?.millis ?? WITHIN_MS;
  const { prefix = '' } = args;
  const key = `${prefix}${context.resourceName('probe')}`;
  const probe = await putProbe(from, key);
  let left: readonly string[] = [];
  let arrivedMs: number;
  try {
    arrivedMs = await arrival(context, from, to, probe, withinMs);
  } finally {
    left = await removeProbe(context, [from, to], probe);
  }
  const now = from.serverNow ?? context.clock.now().epochMillis;
  const all = (client: S3Client): AsyncIterable<S3Object> => without(listObjects(client, { prefix }), key);
  const found = await compareReplica(all(from), all(to), Instant.fromMillis(now - withinMs));
  return { probe: key, arrivedMs, left: [...left], ...found, behindKeys: [...found.behindKeys] };
}

interface Probe {
  readonly Key: string;
  readonly VersionId: string | undefined;
}

async function putProbe(from: S3Client, Key: string): Promise<Probe> {
  const put = await from.ask(`put a probe into ${from.bucket}`, (s3, http) =>
    s3.putObject({ ...from.ownBucket, Key, Body: Key, ContentType: 'text/plain' }, http),
  );
  return { Key, VersionId: put.VersionId };
}

/** Waits until S3 says that the probe is replicated, and looks for it on the other side; gives the time that it took. */
async function arrival(
  context: StepContext,
  from: S3Client,
  to: S3Client,
  { Key, VersionId }: Probe,
  withinMs: number,
): Promise<number> {
  const start = context.clock.monotonic();
  const passed = (): number => Math.round(context.clock.monotonic() - start);
  const head = (client: S3Client) =>
    client.ask(`look at the probe in ${client.bucket}`, (s3, http) =>
      s3.headObject({ ...client.ownBucket, Key, VersionId }, http),
    );
  await poll(context, {
    reason: `Waiting until the probe of ${from.bucket} is in ${to.bucket}`,
    read: async () => (await head(from)).ReplicationStatus,
    done(status) {
      if (status === 'COMPLETED' || status === 'COMPLETE') return true;
      if (status === 'FAILED') throw failed(from, to);
      if (status === undefined || passed() > withinMs) throw notReplicated(from, to, status, withinMs);
      return false;
    },
    show: (status) => `The replication of the probe is ${status ?? 'nobody’s concern'}`,
  });
  const arrivedMs = passed();
  // A replica is the same version; its ETag is another one where its key of encryption is.
  const there = await to.attempt((s3, http) => s3.headObject({ ...to.ownBucket, Key, VersionId }, http));
  if ('value' in there && there.value.ReplicationStatus === 'REPLICA') return arrivedMs;
  throw new StepError(`S3 says that the probe of ${from.bucket} is replicated, and ${to.bucket} has it not`, {
    code: 'notProven',
    hint: 'The rule may lead into another bucket: look at its Destination with s3.inspect.',
  });
}

const notReplicated = (
  from: S3Client,
  to: S3Client,
  status: string | undefined,
  withinMs: number,
): StepError =>
  status === undefined
    ? new StepError(`${from.bucket} replicates nothing of this kind: no rule is about the probe`, {
        code: 'notReplicated',
        hint: `Set a rule into ${to.bucket} with s3.configure, or give a "prefix" that one is about.`,
      })
    : new StepError(
        `the probe of ${from.bucket} is not in ${to.bucket} after ${humanDuration(withinMs)}: ${status}`,
        {
          code: 'notReplicated',
          hint: 'Look at the metrics of the replication, or give it more time: "within".',
        },
      );

const failed = (from: S3Client, to: S3Client): StepError =>
  new StepError(`S3 could not replicate the probe of ${from.bucket} into ${to.bucket}`, {
    code: 'replicationFailed',
    hint: 'The rule does not say why. Most often the role may not write there or use the key, or the bucket keeps no versions: events of the type s3:Replication name the reason.',
  });

/** Removes all versions of the probe; gives the buckets in which it may not be removed. */
async function removeProbe(
  context: StepContext,
  clients: readonly S3Client[],
  { Key, VersionId }: Probe,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const client of clients) {
    const gone = await client.attempt((s3, http) =>
      s3.deleteObject({ ...client.ownBucket, Key, VersionId }, http),
    );
    if ('value' in gone || gone.refusal.status === 404) continue;
    context.log(client.error(gone.refusal, `remove the probe ${Key} from ${client.bucket}`).message);
    left.push(client.bucket);
  }
  return left;
}

async function* without(objects: AsyncIterable<S3Object>, key: string): AsyncGenerator<S3Object, void, void> {
  for await (const object of objects) if (object.key !== key) yield object;
}
