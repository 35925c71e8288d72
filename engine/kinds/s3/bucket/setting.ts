import type { S3 } from '@aws-sdk/client-s3';
import type { Value } from '../../../base/value.ts';
import type { Call, S3Client } from '../client/client.ts';

type Own = S3Client['ownBucket'];
type Http = Parameters<Call<unknown>>[1];

/** A setting of a bucket, in the JSON of the AWS CLI and of its documentation. Nothing set is the empty list, map or text. */
export interface Setting {
  readonly empty: Value;
  /** S3's code for nothing set. */
  readonly absent: string;
  readonly read: (s3: S3, bucket: Own, http: Http) => Promise<unknown>;
  /** The value has the SDK's own shape, which is the CLI's: S3 says what is wrong with one that has not. */
  readonly write: (s3: S3, bucket: Own, http: Http, value: never) => Promise<unknown>;
  /** Undefined for what can never be taken away. */
  readonly remove?: (s3: S3, bucket: Own, http: Http) => Promise<unknown>;
}
