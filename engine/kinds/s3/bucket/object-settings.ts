import type {
  BucketLifecycleConfiguration,
  GetBucketLifecycleConfigurationCommandOutput,
  IntelligentTieringConfiguration,
  LifecycleRule,
  ListBucketIntelligentTieringConfigurationsCommandOutput,
  ObjectLockConfiguration,
  ReplicationConfiguration,
  ServerSideEncryptionRule,
  TransitionDefaultMinimumObjectSize as Smallest,
  VersioningConfiguration,
} from '@aws-sdk/client-s3';
import type { Setting } from './setting.ts';

const LIFECYCLE_ABSENT = 'NoSuchLifecycleConfiguration';

type Reading = Parameters<Setting['read']>;

/** What becomes of the objects of a bucket. */
export const OBJECT_SETTINGS = {
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
  lifecycle: {
    empty: [],
    absent: LIFECYCLE_ABSENT,
    read: async (s3, bucket, http) => (await s3.getBucketLifecycleConfiguration(bucket, http)).Rules,
    write: async (s3, bucket, http, rules: LifecycleRule[]) => {
      const LifecycleConfiguration: BucketLifecycleConfiguration = { Rules: rules.map(withFilter) };
      // Where it is not said with the rules, S3 takes its default again.
      const { TransitionDefaultMinimumObjectSize } = await lifecycleNow(s3, bucket, http);
      return s3.putBucketLifecycleConfiguration(
        { ...bucket, LifecycleConfiguration, TransitionDefaultMinimumObjectSize },
        http,
      );
    },
    remove: (s3, bucket, http) => s3.deleteBucketLifecycle(bucket, http),
  },
  transitionDefaultMinimumObjectSize: {
    empty: '',
    absent: LIFECYCLE_ABSENT,
    read: async (s3, bucket, http) =>
      (await s3.getBucketLifecycleConfiguration(bucket, http)).TransitionDefaultMinimumObjectSize,
    write: async (s3, bucket, http, TransitionDefaultMinimumObjectSize: Smallest) => {
      const { Rules } = await s3.getBucketLifecycleConfiguration(bucket, http);
      return s3.putBucketLifecycleConfiguration(
        { ...bucket, LifecycleConfiguration: { Rules }, TransitionDefaultMinimumObjectSize },
        http,
      );
    },
  },
  replication: {
    empty: {},
    absent: 'ReplicationConfigurationNotFoundError',
    read: async (s3, bucket, http) => (await s3.getBucketReplication(bucket, http)).ReplicationConfiguration,
    write: (s3, bucket, http, ReplicationConfiguration: ReplicationConfiguration) =>
      s3.putBucketReplication({ ...bucket, ReplicationConfiguration }, http),
    remove: (s3, bucket, http) => s3.deleteBucketReplication(bucket, http),
  },
  intelligentTiering: {
    empty: [],
    absent: '',
    read: tierings,
    write: async (s3, bucket, http, wanted: IntelligentTieringConfiguration[]) => {
      for (const configuration of wanted) {
        await s3.putBucketIntelligentTieringConfiguration(
          { ...bucket, Id: configuration.Id, IntelligentTieringConfiguration: configuration },
          http,
        );
      }
      await removeTierings(
        [s3, bucket, http],
        ({ Id }) => !wanted.some((configuration) => configuration.Id === Id),
      );
    },
    remove: (...reading) => removeTierings(reading, () => true),
  },
  objectLock: {
    empty: {},
    absent: 'ObjectLockConfigurationNotFoundError',
    read: async (s3, bucket, http) =>
      (await s3.getObjectLockConfiguration(bucket, http)).ObjectLockConfiguration,
    write: (s3, bucket, http, ObjectLockConfiguration: ObjectLockConfiguration) =>
      s3.putObjectLockConfiguration({ ...bucket, ObjectLockConfiguration }, http),
  },
} as const satisfies Readonly<Record<string, Setting>>;

async function lifecycleNow(
  ...[s3, bucket, http]: Reading
): Promise<Partial<GetBucketLifecycleConfigurationCommandOutput>> {
  try {
    return await s3.getBucketLifecycleConfiguration(bucket, http);
  } catch (error) {
    if (error instanceof Error && error.name === LIFECYCLE_ABSENT) return {};
    throw error;
  }
}

/** S3 demands a filter; a rule without one is meant for the whole bucket. */
const withFilter = (rule: LifecycleRule): LifecycleRule =>
  'Filter' in rule || 'Prefix' in rule ? rule : { ...rule, Filter: { Prefix: '' } };

async function tierings(...[s3, bucket, http]: Reading): Promise<IntelligentTieringConfiguration[]> {
  const found: IntelligentTieringConfiguration[] = [];
  let page: { ContinuationToken?: string } | undefined = {};
  while (page !== undefined) {
    const answer: ListBucketIntelligentTieringConfigurationsCommandOutput =
      await s3.listBucketIntelligentTieringConfigurations({ ...bucket, ...page }, http);
    found.push(...(answer.IntelligentTieringConfigurationList ?? []));
    const next = answer.NextContinuationToken;
    page = answer.IsTruncated === true && next !== undefined ? { ContinuationToken: next } : undefined;
  }
  return found;
}

async function removeTierings(
  [s3, bucket, http]: Reading,
  which: (configuration: IntelligentTieringConfiguration) => boolean,
): Promise<void> {
  for (const configuration of (await tierings(s3, bucket, http)).filter(which)) {
    await s3.deleteBucketIntelligentTieringConfiguration({ ...bucket, Id: configuration.Id }, http);
  }
}
