import { canonicalJson } from '../../base/json.ts';
import { readJson, shownJson, writeJson } from '../../base/json-text.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap, valueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { afterwards } from './bulk/outcome.ts';
import type { SettingName } from './bucket/settings.ts';
import { isWithin, readSetting, SETTING_NAMES, writeSetting } from './bucket/settings.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.configure'];
type Result = Output['s3.configure'];

/** Sets what a bucket is to be set to, and tells what it was before. */
export const s3Configure: StepKind<Args, Result> = {
  name: 's3.configure',
  outputs: ['previous'],
  effect: (args) => (removesObjects(args) ? 'destructive' : 'write'),
  describe: (args) => `Set ${settingsOf(args).join(', ')} of ${nameOf(args.bucket)}`,
  byHand: (args, environment) =>
    settingsOf(args)
      .map((name) =>
        aws(environment, args.bucket, ['s3api', ...cliWords(name, args), '--bucket', nameOf(args.bucket)]),
      )
      .join('\n'),
  targets: (args) => [targetUse('buckets', args.bucket, 'write')],

  async run(args, context) {
    const client = openBucket(args.bucket, context);
    try {
      return await configure(args, context, client);
    } finally {
      client.close();
    }
  },

  // What is set already is left alone.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

const settingsOf = (args: Args): readonly SettingName[] =>
  SETTING_NAMES.filter((name) => args[name] !== undefined);

/** A rule that expires versions, or no versions at all any more: objects will be lost without anybody's doing. */
function removesObjects(args: Args): boolean {
  const { lifecycle, versioning } = args;
  const expires =
    isValueList(lifecycle) &&
    lifecycle.some(
      (rule) => isValueMap(rule) && ('Expiration' in rule || 'NoncurrentVersionExpiration' in rule),
    );
  return versioning === 'Suspended' || expires;
}

async function configure(args: Args, context: StepContext, client: S3Client): Promise<Result> {
  const names = settingsOf(args);
  if (names.length === 0) {
    throw new StepError('nothing is to be set', {
      code: 'usage',
      hint: `Say one of ${SETTING_NAMES.join(', ')}.`,
    });
  }
  const wanted = valueMap(names.map((name) => [name, settingOf(args, name)]));
  const now = await readAll(client, names);
  const previous = savedPrevious(context, client, wanted) ?? now;
  await context.saveCheckpoint(encodeValue({ bucket: client.bucket, wanted, previous }));
  const changed: SettingName[] = [];
  for (const name of names) {
    const value = wanted[name] ?? null;
    if (isSame(value, now[name] ?? null)) continue;
    await afterwards(writeSetting(client, name, value), () => changed.length > 0);
    changed.push(name);
  }
  const settings = await readAll(client, names);
  const wrong = names.find((name) => !isWithin(wanted[name] ?? null, settings[name]));
  if (wrong !== undefined) {
    throw new StepError(`the ${wrong} of ${client.bucket} is not what was set`, {
      code: 'notProven',
      hint: 'Somebody else may be setting it too, or the service knows only a part of it: look with s3.inspect.',
      changed: 'something',
      details: { found: settings[wrong] ?? null, previous },
    });
  }
  return { changed, previous, settings };
}

async function readAll(client: S3Client, names: readonly SettingName[]): Promise<ValueMap> {
  const values: Record<string, Value> = {};
  for (const name of names) {
    const read = await readSetting(client, name);
    if ('refused' in read) throw read.refused;
    values[name] = read.value;
  }
  return values;
}

/** What was set before an earlier life or attempt of this step changed it. */
function savedPrevious(context: StepContext, client: S3Client, wanted: ValueMap): ValueMap | undefined {
  const checkpoint = decodeValue(context.checkpoint ?? null);
  if (!isValueMap(checkpoint) || checkpoint['bucket'] !== client.bucket) return undefined;
  if (!isSame(checkpoint['wanted'] ?? null, wanted)) return undefined;
  return isValueMap(checkpoint['previous']) ? checkpoint['previous'] : undefined;
}

const isSame = (one: Value, other: Value): boolean =>
  canonicalJson(encodeValue(one)) === canonicalJson(encodeValue(other));

/** As S3 is told it: moments are texts there, and a long number has all its digits. */
const settingOf = (args: Args, name: SettingName): Value => readJson(shownJson(args[name] ?? null));

const CLI: Readonly<Record<SettingName, readonly [command: string, option: string]>> = {
  versioning: ['put-bucket-versioning', '--versioning-configuration'],
  encryption: ['put-bucket-encryption', '--server-side-encryption-configuration'],
  publicAccessBlock: ['put-public-access-block', '--public-access-block-configuration'],
  policy: ['put-bucket-policy', '--policy'],
  cors: ['put-bucket-cors', '--cors-configuration'],
  tags: ['put-bucket-tagging', '--tagging'],
  lifecycle: ['put-bucket-lifecycle-configuration', '--lifecycle-configuration'],
  replication: ['put-bucket-replication', '--replication-configuration'],
};

function cliWords(name: SettingName, args: Args): readonly string[] {
  const [command, option] = CLI[name];
  return [command, option, writeJson(cliShape(name, settingOf(args, name)))];
}

function cliShape(name: SettingName, value: Value): Value {
  switch (name) {
    case 'versioning':
      return { Status: value };
    case 'tags':
      return {
        TagSet: Object.entries(isValueMap(value) ? value : {}).map(([Key, Value]) => ({ Key, Value })),
      };
    case 'cors':
      return { CORSRules: value };
    case 'encryption':
    case 'lifecycle':
      return { Rules: value };
    default:
      return value;
  }
}
