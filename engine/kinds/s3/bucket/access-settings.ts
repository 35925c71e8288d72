import type {
  AccelerateConfiguration,
  CORSRule,
  LoggingEnabled,
  NotificationConfiguration,
  ObjectOwnership,
  Payer,
  PublicAccessBlockConfiguration,
  Tag,
  WebsiteConfiguration,
} from '@aws-sdk/client-s3';
import { readJson, writeJson } from '../../../base/json-text.ts';
import type { ValueMap } from '../../../base/value.ts';
import type { Setting } from './setting.ts';

/** Who may come to a bucket and how, and who is told of it. */
export const ACCESS_SETTINGS = {
  ownership: {
    empty: '',
    absent: 'OwnershipControlsNotFoundError',
    read: async (s3, bucket, http) =>
      (await s3.getBucketOwnershipControls(bucket, http)).OwnershipControls?.Rules?.[0]?.ObjectOwnership,
    write: (s3, bucket, http, ownership: ObjectOwnership) => {
      const OwnershipControls = { Rules: [{ ObjectOwnership: ownership }] };
      return s3.putBucketOwnershipControls({ ...bucket, OwnershipControls }, http);
    },
    remove: (s3, bucket, http) => s3.deleteBucketOwnershipControls(bucket, http),
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
  notifications: {
    empty: {},
    absent: '',
    read: async (s3, bucket, http) => {
      const answer = await s3.getBucketNotificationConfiguration(bucket, http);
      const { TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations } = answer;
      const { EventBridgeConfiguration } = answer;
      return {
        TopicConfigurations,
        QueueConfigurations,
        LambdaFunctionConfigurations,
        EventBridgeConfiguration,
      };
    },
    write: (s3, bucket, http, NotificationConfiguration: NotificationConfiguration) =>
      s3.putBucketNotificationConfiguration({ ...bucket, NotificationConfiguration }, http),
    remove: (s3, bucket, http) =>
      s3.putBucketNotificationConfiguration({ ...bucket, NotificationConfiguration: {} }, http),
  },
  logging: {
    empty: {},
    absent: '',
    read: async (s3, bucket, http) => (await s3.getBucketLogging(bucket, http)).LoggingEnabled,
    write: (s3, bucket, http, LoggingEnabled: LoggingEnabled) =>
      s3.putBucketLogging({ ...bucket, BucketLoggingStatus: { LoggingEnabled } }, http),
    remove: (s3, bucket, http) => s3.putBucketLogging({ ...bucket, BucketLoggingStatus: {} }, http),
  },
  acceleration: {
    empty: '',
    absent: '',
    read: async (s3, bucket, http) => (await s3.getBucketAccelerateConfiguration(bucket, http)).Status,
    write: (s3, bucket, http, Status: AccelerateConfiguration['Status']) =>
      s3.putBucketAccelerateConfiguration({ ...bucket, AccelerateConfiguration: { Status } }, http),
  },
  website: {
    empty: {},
    absent: 'NoSuchWebsiteConfiguration',
    read: async (s3, bucket, http) => {
      const { RedirectAllRequestsTo, IndexDocument, ErrorDocument, RoutingRules } = await s3.getBucketWebsite(
        bucket,
        http,
      );
      return { RedirectAllRequestsTo, IndexDocument, ErrorDocument, RoutingRules };
    },
    write: (s3, bucket, http, WebsiteConfiguration: WebsiteConfiguration) =>
      s3.putBucketWebsite({ ...bucket, WebsiteConfiguration }, http),
    remove: (s3, bucket, http) => s3.deleteBucketWebsite(bucket, http),
  },
  requestPayment: {
    empty: '',
    absent: '',
    read: async (s3, bucket, http) => (await s3.getBucketRequestPayment(bucket, http)).Payer,
    write: (s3, bucket, http, Payer: Payer) =>
      s3.putBucketRequestPayment({ ...bucket, RequestPaymentConfiguration: { Payer } }, http),
  },
} as const satisfies Readonly<Record<string, Setting>>;

const tagsOf = ({ TagSet = [] }: { readonly TagSet: Tag[] | undefined }): ValueMap =>
  Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
