import type { Blob } from './blobs.ts';
import type { Checksum } from './checksums.ts';
import type { ObjectVersion } from './versions.ts';

export interface Part {
  readonly number: number;
  readonly blob: Blob;
  readonly etag: string;
  readonly checksum: Checksum | undefined;
  readonly modified: Date;
}

/** A multipart upload that is under way. */
export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly startedAt: Date;
  /** What the object will have beside its bytes. */
  readonly described: ObjectDescription;
  readonly parts: Map<number, Part>;
}

/** What is said of an object when it is written. */
export type ObjectDescription = Pick<ObjectVersion, 'headers' | 'metadata' | 'tags' | 'storageClass'>;
