import type { Account, Role } from './accounts.ts';
import type { BlobStore } from './blobs.ts';
import type { Bucket, Versioning } from './bucket.ts';
import type { Replicator } from './replication.ts';
import type { StorageClass } from './storage-classes.ts';
import type { DeleteMarker, ObjectVersion, Version, VersionId } from './versions.ts';
import { NULL_VERSION, newVersionId, nextSequence, thisSecond, wholeSecond } from './versions.ts';

/** Everything that one S3 service holds, and the changes that the API and the faults have in common. */
export interface State {
  /** The first owns what the sandbox makes; sessions of roles are added. */
  readonly accounts: [Account, ...Account[]];
  readonly roles: ReadonlyMap<string, Role>;
  /** What a CI system would write; undefined where nobody comes with one. */
  readonly webIdentityToken: string | undefined;
  /** How long the session of a role is good. */
  readonly sessionMs: number;
  readonly buckets: Map<string, Bucket>;
  readonly blobs: BlobStore;
  readonly replicator: Replicator;
  /** How long a restore from the archive takes here, by its tier `Standard`. */
  restoreMs: number;
}

export type ObjectDraft = Omit<ObjectVersion, 'type' | 'id' | 'sequence' | 'modified'>;

/** Writes an object as the newest version of its key, and lets it be replicated. */
export async function putObject(
  state: State,
  bucket: Bucket,
  draft: ObjectDraft,
  modified = thisSecond(),
): Promise<ObjectVersion> {
  return create(state, bucket, { ...draft, type: 'object', ...newIdentity(bucket.versioning), modified });
}

/** An object as somebody uploaded it. */
export interface Uploaded {
  readonly key: string;
  readonly body: Buffer | AsyncIterable<Buffer>;
  readonly type: string;
  /** Now unless said. */
  readonly modified?: Date;
  readonly storageClass?: StorageClass;
}

/** Writes an object as a plain upload does. */
export async function putBytes(state: State, bucket: Bucket, uploaded: Uploaded): Promise<void> {
  const { key, body, type, modified, storageClass = 'STANDARD' } = uploaded;
  const { blob, md5 } = await state.blobs.write(Buffer.isBuffer(body) ? [body] : body);
  const headers = { 'content-type': type, 'x-amz-server-side-encryption': 'AES256' };
  const draft = { key, blob, etag: md5, headers, metadata: {}, tags: new Map<string, string>() };
  await putObject(state, bucket, { ...draft, storageClass }, modified && wholeSecond(modified));
}

/**
 * Deletes without naming a version: puts a delete marker, which is returned, or, where the bucket is not
 * versioned, removes the object.
 */
export async function deleteCurrent(
  state: State,
  bucket: Bucket,
  key: string,
): Promise<DeleteMarker | undefined> {
  if (bucket.versioning === 'Unversioned') {
    await deleteVersion(state, bucket, key, NULL_VERSION);
    return undefined;
  }
  return create(state, bucket, { key, type: 'marker', ...newIdentity(bucket.versioning) });
}

async function create<V extends Version>(state: State, bucket: Bucket, version: V): Promise<V> {
  await place(state, bucket, version);
  state.replicator.created(bucket, version);
  return version;
}

/** Removes one version for good; what was removed. */
export async function deleteVersion(
  state: State,
  bucket: Bucket,
  key: string,
  id: string,
): Promise<Version | undefined> {
  const removed = bucket.remove(key, id);
  await discard(state, removed);
  return removed;
}

/** Removes every version of every key. */
export async function emptyBucket(state: State, bucket: Bucket): Promise<void> {
  for (const key of [...bucket.keys]) {
    const ids = bucket.versionsOf(key).map((version) => version.id);
    await Promise.all(ids.map((id) => deleteVersion(state, bucket, key, id)));
  }
}

/** Adds a version; the bytes of the one whose place it took are removed. */
export async function place(state: State, bucket: Bucket, version: Version): Promise<void> {
  await discard(state, bucket.add(version));
}

async function discard(state: State, version: Version | undefined): Promise<void> {
  if (version?.type === 'object') await state.blobs.remove(version.blob);
}

function newIdentity(versioning: Versioning): VersionId & Pick<Version, 'modified'> {
  const sequence = nextSequence();
  const id = versioning === 'Enabled' ? newVersionId(sequence) : NULL_VERSION;
  return { sequence, id, modified: thisSecond() };
}
