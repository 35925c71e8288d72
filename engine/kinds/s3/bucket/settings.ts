import type {
  BucketLifecycleConfiguration,
  CORSRule,
  LifecycleRule,
  PublicAccessBlockConfiguration,
  ReplicationConfiguration,
  S3,
  ServerSideEncryptionRule,
  Tag,
  VersioningConfiguration,
} from '@aws-sdk/client-s3';
import { readJson, writeJson } from '../../../base/json-text.ts';
import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { Call, S3Client } from '../client/client.ts';

type Own = S3Client['ownBucket'];
type Http = Parameters<Call<unknown>>[1];

/** A setting of a bucket, in the JSON of the AWS CLI and of its documentation. Nothing set is the empty list, map or text. */
interface Setting {
  readonly empty: Value;
  /** S3's code for nothing set. */
  readonly absent: string;
  readonly read: (s3: S3, bucket: Own, http: Http) => Promise<unknown>;
  /** The value has the SDK's own shape, which is the CLI's: S3 says what is wrong with one that has not. */
  readonly write: (s3: S3, bucket: Own, http: Http, value: never) => Promise<unknown>;
  /** Undefined for what can never be taken away. */
  readonly remove?: (s3: S3, bucket: Own, http: Http) => Promise<unknown>;
}

/** In the order in which they must be written: replication demands versioning, a policy may be held off by the block. */
export const SETTINGS = {
  versioning: {
    empty: '',
    absent: '',
    read: async (s3, bucket, http) => (await s3.getBucketVersioning(bucket, http)).Status,
    write: (s3, bucket, http, Status: VersioningConfiguration['Status']) =>
      s3.putBucketVersioning({ ...bucket, VersioningConfiguration: { Status } }, http),
  },
  encryption: {
    empty: [],
    absent: 'ServerSideEncryptionConfigurationNotFoundError',
    read: async (s3, bucket, http) =>
      (await s3.getBucketEncryption(bucket, http)).ServerSideEncryptionConfiguration?.Rules,
    write: (s3, bucket, http, Rules: ServerSideEncryptionRule[]) =>
      s3.putBucketEncryption({ ...bucket, ServerSideEncryptionConfiguration: { Rules } }, http),
    remove: (s3, bucket, http) => s3.deleteBucketEncryption(bucket, http),
  },
  publicAccessBlock: {
    empty: {},
    absent: 'NoSuchPublicAccessBlockConfiguration',
    read: async (s3, bucket, http) =>
      (await s3.getPublicAccessBlock(bucket, http)).PublicAccessBlockConfiguration,
    write: (s3, bucket, http, PublicAccessBlockConfiguration: PublicAccessBlockConfiguration) =>
      s3.putPublicAccessBlock({ ...bucket, PublicAccessBlockConfiguration }, http),
    remove: (s3, bucket, http) => s3.deletePublicAccessBlock(bucket, http),
  },
  policy: {
    empty: {},
    absent: 'NoSuchBucketPolicy',
    read: async (s3, bucket, http) => readJson((await s3.getBucketPolicy(bucket, http)).Policy ?? '{}'),
    write: (s3, bucket, http, policy: ValueMap) =>
      s3.putBucketPolicy({ ...bucket, Policy: writeJson(policy) }, http),
    remove: (s3, bucket, http) => s3.deleteBucketPolicy(bucket, http),
  },
  cors: {
    empty: [],
    absent: 'NoSuchCORSConfiguration',
    read: async (s3, bucket, http) => (await s3.getBucketCors(bucket, http)).CORSRules,
    write: (s3, bucket, http, CORSRules: CORSRule[]) =>
      s3.putBucketCors({ ...bucket, CORSConfiguration: { CORSRules } }, http),
    remove: (s3, bucket, http) => s3.deleteBucketCors(bucket, http),
  },
  tags: {
    empty: {},
    absent: 'NoSuchTagSet',
    read: async (s3, bucket, http) => tagsOf(await s3.getBucketTagging(bucket, http)),
    write: (s3, bucket, http, tags: Readonly<Record<string, string>>) => {
      const TagSet = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      return s3.putBucketTagging({ ...bucket, Tagging: { TagSet } }, http);
    },
    remove: (s3, bucket, http) => s3.deleteBucketTagging(bucket, http),
  },
  lifecycle: {
    empty: [],
    absent: 'NoSuchLifecycleConfiguration',
    read: async (s3, bucket, http) => (await s3.getBucketLifecycleConfiguration(bucket, http)).Rules,
    write: (s3, bucket, http, rules: LifecycleRule[]) => {
      const LifecycleConfiguration: BucketLifecycleConfiguration = { Rules: rules.map(withFilter) };
      return s3.putBucketLifecycleConfiguration({ ...bucket, LifecycleConfiguration }, http);
    },
    remove: (s3, bucket, http) => s3.deleteBucketLifecycle(bucket, http),
  },
  replication: {
    empty: {},
    absent: 'ReplicationConfigurationNotFoundError',
    read: async (s3, bucket, http) => (await s3.getBucketReplication(bucket, http)).ReplicationConfiguration,
    write: (s3, bucket, http, ReplicationConfiguration: ReplicationConfiguration) =>
      s3.putBucketReplication({ ...bucket, ReplicationConfiguration }, http),
    remove: (s3, bucket, http) => s3.deleteBucketReplication(bucket, http),
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Reads a setting; `refused` with S3's code where it may not be read or is not known there. */
export async function readSetting(
  client: S3Client,
  name: SettingName,
): Promise<{ readonly value: Value } | { readonly refused: StepError }> {
  const { read, absent, empty }: Setting = SETTINGS[name];
  const answer = await client.attempt((s3, http) => read(s3, client.ownBucket, http));
  if ('value' in answer) return { value: jsonOf(answer.value) ?? empty };
  if (answer.refusal.code === absent) return { value: empty };
  return { refused: client.error(answer.refusal, `read the ${name} of ${client.bucket}`) };
}

/** Writes a setting; an empty value takes it away. */
export async function writeSetting(client: S3Client, name: SettingName, value: Value): Promise<void> {
  const { write, remove }: Setting = SETTINGS[name];
  const doing = `set the ${name} of ${client.bucket}`;
  if (!isEmpty(value)) {
    await client.ask(doing, (s3, http) => write(s3, client.ownBucket, http, withDates(value) as never));
    return;
  }
  if (remove === undefined) throw neverAgain(client);
  await client.ask(doing, (s3, http) => remove(s3, client.ownBucket, http));
}

const neverAgain = (client: S3Client): StepError =>
  new StepError(`versioning of ${client.bucket} cannot be taken away, only suspended`, {
    code: 'usage',
    hint: 'Say "versioning: Suspended".',
  });

const isEmpty = (value: Value): boolean =>
  value === '' ||
  (isValueList(value) ? value.length === 0 : isValueMap(value) && Object.keys(value).length === 0);

const tagsOf = ({ TagSet = [] }: { readonly TagSet: Tag[] | undefined }): ValueMap =>
  Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));

/** S3 demands a filter; a rule without one is meant for the whole bucket. */
const withFilter = (rule: LifecycleRule): LifecycleRule =>
  'Filter' in rule || 'Prefix' in rule ? rule : { ...rule, Filter: { Prefix: '' } };

/** As JSON: moments as texts, and without what is not there. */
const jsonOf = (value: unknown): Value | undefined =>
  value === undefined ? undefined : readJson(writeJson(value));

/** Days of rules, which the SDK takes as moments. */
function withDates(value: Value): unknown {
  if (isValueList(value)) return value.map(withDates);
  if (!isValueMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isMoment = name === 'Date' && typeof member === 'string' && !Number.isNaN(Date.parse(member));
      return [name, isMoment ? new Date(member) : withDates(member)];
    }),
  );
}

/** Empty at every depth: a service may leave it out. */
const saysNothing = (value: Value): boolean =>
  isEmpty(value) || (isValueMap(value) && Object.values(value).every(saysNothing));

/** Whether all of `wanted` is in `found`, which may say more: services add ids and defaults. */
export function isWithin(wanted: Value, found: Value | undefined): boolean {
  if (isValueList(wanted)) {
    if (found === undefined || !isValueList(found) || found.length !== wanted.length) return false;
    return wanted.every((item) => found.some((other) => isWithin(item, other)));
  }
  if (isValueMap(wanted)) {
    return (
      isValueMap(found) &&
      Object.entries(wanted).every(([key, value]) => saysNothing(value) || isWithin(value, found[key]))
    );
  }
  return String(wanted) === (found === undefined || typeof found === 'object' ? undefined : String(found));
}
