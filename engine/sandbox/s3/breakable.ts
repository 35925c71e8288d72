import type { Bucket } from './bucket.ts';
import type { S3Service } from './service.ts';

/** Buckets that a fault can break: an application's, or those of a part of a world. */
export interface BreakableStorage {
  readonly service: S3Service;
  /** The bucket with this name in the environment, as long as it exists. */
  bucket(name: string): Bucket | undefined;
}
