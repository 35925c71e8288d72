import { createHash } from 'node:crypto';
import type { BucketLocationConstraint } from '@aws-sdk/client-s3';
import { isJsonObject } from '../../base/json.ts';
import type { Environment } from '../../model/environment.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { awsSection } from './client/access.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.create-bucket'];

/** The one region that S3 does not want to be told. */
const UNNAMED_REGION = 'us-east-1';
const LONGEST_NAME = 63;

/** Makes a bucket, and gives a handle of it to whatever takes a bucket. */
export const s3CreateBucket: StepKind<Args, Output['s3.create-bucket']> = {
  name: 's3.create-bucket',
  gives: ['s3.bucket'],
  outputs: ['bucket'],
  effect: () => 'write',
  describe: (args) => `Create the bucket ${args.name ?? '(named after run and step)'}`,
  byHand(args, environment) {
    const region = regionOf(args, environment);
    const place =
      region === UNNAMED_REGION ? [] : ['--create-bucket-configuration', `LocationConstraint=${region}`];
    const words = ['s3api', 'create-bucket', '--bucket', args.name ?? 'NAME', ...place];
    return aws(environment, { region }, words, { owner: false });
  },
  // What does not exist yet has no identity; what exists is refused by the step itself.
  targets: () => [],

  async run(args, context) {
    const handle = handleOf(args, context);
    const client = openBucket(handle, context);
    try {
      await create(client, context);
      const { bucket: name, region } = client.access;
      return { bucket: handle, name, region };
    } finally {
      client.close();
    }
  },

  async reconcile(args, context) {
    const handle = handleOf(args, context);
    const client = openBucket(handle, context);
    try {
      if (!isOurs(context, client) || !(await exists(client))) return { verdict: 'notHappened' };
      const { bucket: name, region } = client.access;
      return { verdict: 'happened', output: { bucket: handle, name, region } };
    } finally {
      client.close();
    }
  },
};

const handleOf = (args: Args, context: StepContext) => ({
  $ref: 's3.bucket',
  name: args.name ?? bucketName(context.resourceName()),
  region: regionOf(args, context.environment),
  created: context.step,
});

function regionOf(args: Args, environment: Environment): string {
  const region = args.region ?? awsSection(environment)['region'];
  return typeof region === 'string' ? region : UNNAMED_REGION;
}

/** The name of a run and step as a bucket may be called; a long one is cut and kept unique by its digest. */
function bucketName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (plain.length <= LONGEST_NAME) return plain;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${plain.slice(0, LONGEST_NAME - 9)}-${digest}`;
}

async function create(client: S3Client, context: StepContext): Promise<void> {
  if (await exists(client)) {
    if (isOurs(context, client)) return;
    throw new StepError(`there is a bucket ${client.bucket} already, and this step did not create it`, {
      code: 'BucketAlreadyOwnedByYou',
      hint: 'Use it as it is, after looking at it with s3.inspect, or create one of another name.',
    });
  }
  // Before, so that a crash in between leaves no bucket that nobody recognises.
  await context.saveCheckpoint({ creating: client.bucket });
  const { region } = client.access;
  const constraint =
    region === UNNAMED_REGION
      ? {}
      : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } };
  await client.ask(`create the bucket ${client.bucket}`, (s3, http) =>
    s3.createBucket({ Bucket: client.bucket, ...constraint }, http),
  );
}

/** An earlier life or attempt of this step was about to create it. */
const isOurs = ({ checkpoint }: StepContext, client: S3Client): boolean =>
  isJsonObject(checkpoint) && checkpoint['creating'] === client.bucket;

async function exists(client: S3Client): Promise<boolean> {
  const doing = `look for a bucket ${client.bucket}`;
  const { bucket: Bucket } = client;
  const answer = await client.attempt((s3, http) => s3.headBucket({ Bucket }, http));
  if (!('refusal' in answer)) return true;
  const { status } = answer.refusal;
  if (status === 404) return false;
  if (status !== 403 && status !== 301) throw client.error(answer.refusal, doing);
  const spoken = await client.attempt((s3, http) => s3.getBucketLocation({ Bucket }, http));
  const refusal = 'refusal' in spoken ? spoken.refusal : answer.refusal;
  if (refusal.code === 'NoSuchBucket') return false;
  if (refusal.code !== 'AccessDenied' && status === 403) throw client.error(refusal, doing);
  throw new StepError(`the name ${client.bucket} is taken, by somebody else or in another region`, {
    code: 'BucketAlreadyExists',
    hint: 'Names are unique in all of AWS. Create one of another name.',
  });
}
