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

/**
 * Keeps bytes that have arrived, if what they were sent for still holds: its bucket may be gone after a long
 * upload, and `check` throws what else speaks against it. Otherwise the bytes are removed again.
 */
export async function keepArrived(
  { state, bucket }: Pick<Call, 'state' | 'bucket'>,
  blob: Blob,
  check: () => void,
): Promise<void> {
  try {
    if (state.buckets.get(bucket.name) !== bucket) throw noSuchBucket(bucket.name);
    check();
  } catch (error) {
    await state.blobs.remove(blob);
    throw error;
  }
}

export const noSuchBucket = (name: string): S3Error =>
  new S3Error('NoSuchBucket', { details: { BucketName: name } });
