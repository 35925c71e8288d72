import type { Value } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { isHopeless } from './client/errors.ts';
import { listObjects } from './client/list.ts';
import { readWords } from './bucket/by-hand.ts';
import { SETTING_NAMES } from './bucket/names.ts';
import { readSetting } from './bucket/settings.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Result = Output['s3.inspect'];

/** Reads what a bucket is set to, and whether anything is in it. */
export const s3Inspect: StepKind<With['s3.inspect'], Result> = {
  name: 's3.inspect',
  effect: () => 'read',
  describe: (args) => `Look at the settings of ${nameOf(args.bucket)}`,
  byHand: (args, environment) =>
    [...new Set(SETTING_NAMES.map((name) => readWords(name).join(' ')))]
      .map((words) => aws(environment, args.bucket, ['s3api', words, '--bucket', nameOf(args.bucket)]))
      .join('\n'),
  targets: (args) => [targetUse('buckets', args.bucket, 'read')],

  async run(args, context) {
    const client = openBucket(args.bucket, context);
    try {
      return await inspect(client, context);
    } finally {
      client.close();
    }
  },
};

async function inspect(client: S3Client, context: StepContext): Promise<Result> {
  // A listing is refused where the bucket is gone or not this key's to read; some settings are not.
  const isEmpty = await hasNothing(client);
  const settings: Record<string, Value> = {};
  const unreadable: Record<string, Value> = {};
  for (const name of SETTING_NAMES) {
    const read = await readSetting(client, name);
    if ('value' in read) settings[name] = read.value;
    else if (isHopeless(read.refused)) throw read.refused;
    else {
      unreadable[name] = read.refused.code;
      context.log(read.refused.message);
    }
  }
  const { bucket, region } = client.access;
  const mfaDelete = await hasMfaDelete(client);
  return {
    name: bucket,
    region,
    empty: isEmpty,
    ...settings,
    ...(mfaDelete !== undefined && { mfaDelete }),
    unreadable,
  };
}

/**
 * What only the owner's root user can set, with a token: it is told, so that somebody can do so again. Undefined
 * where the versioning may not be read.
 */
async function hasMfaDelete(client: S3Client): Promise<boolean | undefined> {
  const answer = await client.attempt((s3, http) => s3.getBucketVersioning(client.ownBucket, http));
  return 'value' in answer ? answer.value.MFADelete === 'Enabled' : undefined;
}

async function hasNothing(client: S3Client): Promise<boolean> {
  for await (const object of listObjects(client, {})) return object.key === '';
  return true;
}
