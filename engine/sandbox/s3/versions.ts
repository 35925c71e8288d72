import { randomBytes } from 'node:crypto';
import type { Blob } from './blobs.ts';
import type { Checksum } from './checksums.ts';
import type { StorageClass } from './storage-classes.ts';

/** The id of a version that was written while its bucket was not (or no longer) versioned. */
export const NULL_VERSION = 'null';

interface VersionBase {
  readonly key: string;
  readonly id: string;
  /** Rises with every version of the service: what is newer has a higher one. */
  readonly sequence: number;
  /** In whole seconds, as S3 has it. */
  readonly modified: Date;
}

export interface ObjectVersion extends VersionBase {
  readonly type: 'object';
  readonly blob: Blob;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum?: Checksum;
  /** Sizes of its parts, where it was uploaded in parts. */
  readonly parts?: readonly number[];
  /** `content-type` and the like, as they are returned. */
  readonly headers: Readonly<Record<string, string>>;
  /** By name without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  tags: ReadonlyMap<string, string>;
  storageClass: StorageClass;
  /** Of an archived object: a copy that can be read, on its way or there until it expires. */
  restored?: { readonly ready: Date; readonly days: number };
  replication?: ReplicationStatus;
}

export interface DeleteMarker extends VersionBase {
  readonly type: 'marker';
  replication?: ReplicationStatus;
}

export type Version = ObjectVersion | DeleteMarker;

export type ReplicationStatus = 'PENDING' | 'COMPLETED' | 'FAILED' | 'REPLICA';

export type VersionId = Pick<VersionBase, 'id' | 'sequence'>;

let last = 0;

/** Rises strictly, and about with the microseconds of the machine's clock. */
export function nextSequence(): number {
  last = Math.max(last + 1, Date.now() * 1000);
  return last;
}

/** 32 characters as S3's are. They hold the sequence, so that a listing can go on after a version that is gone. */
export function newVersionId(sequence: number): string {
  const bytes = Buffer.concat([Buffer.alloc(8), randomBytes(16)]);
  bytes.writeBigUInt64BE(BigInt(sequence));
  return bytes.toString('base64url');
}

/** The sequence within an id; undefined when it is no id of this service. */
export function sequenceOf(id: string): number | undefined {
  if (!/^[\w-]{32}$/.test(id)) return undefined;
  const sequence = Number(Buffer.from(id, 'base64url').readBigUInt64BE());
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}

/** S3 dates to whole seconds. */
export const wholeSecond = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000);

/** Now, in whole seconds. */
export const thisSecond = (): Date => wholeSecond(new Date());
