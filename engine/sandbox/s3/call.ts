import type { Blob } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import { S3Error } from './errors.ts';
import type { Payload } from './payload.ts';
import type { S3Request } from './request.ts';
import type { Caller } from './signature.ts';
import type { State } from './state.ts';
import type { Element } from './xml.ts';

/** A request that may be made, on a bucket that exists and belongs to the caller. */
export interface Call {
  readonly state: State;
  readonly request: S3Request;
  readonly caller: Caller;
  readonly payload: Payload;
  readonly bucket: Bucket;
  /** Empty for an operation on the bucket itself. */
  readonly key: string;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Element | string | BlobRange;
}

/** Bytes from `start` up to, and without, `end`. */
export interface BlobRange {
  readonly blob: Blob;
  readonly start: number;
  readonly end: number;
}

export type Operation = (call: Call) => Promise<Reply> | Reply;

/** Refuses when an upload took so long that its bucket is gone. */
export function stillThere({ state, bucket }: Pick<Call, 'state' | 'bucket'>): void {
  if (state.buckets.get(bucket.name) !== bucket) throw noSuchBucket(bucket.name);
}

export const noSuchBucket = (name: string): S3Error =>
  new S3Error('NoSuchBucket', { details: { BucketName: name } });
