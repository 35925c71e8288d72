import { isRestored } from './restored.ts';
import type { Bucket } from './bucket.ts';
import type { Call } from './call.ts';
import { httpDate } from './dates.ts';
import { S3Error, invalidArgument } from './errors.ts';
import { isArchive } from './storage-classes.ts';
import type { ObjectVersion, Version } from './versions.ts';
import { NULL_VERSION, sequenceOf } from './versions.ts';

/** The object that a request names, by its version or as it is now; refuses as S3 does where there is none. */
export function findObject({
  bucket,
  key,
  request,
}: Pick<Call, 'bucket' | 'key' | 'request'>): ObjectVersion {
  const id = request.query.get('versionId');
  const version = id === undefined ? bucket.current(key) : findVersion(bucket, key, id);
  if (version?.type === 'object') return version;
  const headers = version === undefined ? {} : markerHeaders(version);
  if (version === undefined || id === undefined)
    throw new S3Error('NoSuchKey', { headers, details: { Key: key } });
  throw new S3Error('MethodNotAllowed', {
    headers: { ...headers, allow: 'DELETE', 'last-modified': httpDate(version.modified) },
    details: { Method: request.method, ResourceType: 'DeleteMarker' },
  });
}

/** The version with this id; refuses an id that there cannot be, and one that there is not. */
export function findVersion(bucket: Bucket, key: string, id: string): Version {
  checkVersionId(id);
  const version = bucket.version(key, id);
  if (version === undefined) throw new S3Error('NoSuchVersion', { details: { Key: key, VersionId: id } });
  return version;
}

export function checkVersionId(id: string): void {
  if (id !== NULL_VERSION && sequenceOf(id) === undefined) {
    throw invalidArgument('Invalid version id specified', 'versionId', id);
  }
}

/** Refuses to read an object that lies in the archive and has not been restored. */
export function checkReadable(version: ObjectVersion): void {
  if (!isArchive(version.storageClass) || isRestored(version)) return;
  throw new S3Error('InvalidObjectState', { details: { StorageClass: version.storageClass } });
}

/** `x-amz-version-id`, which a bucket that was never versioned leaves out. */
export const versionHeader = (bucket: Bucket, { id }: Version): Readonly<Record<string, string>> =>
  bucket.versioning === 'Unversioned' ? {} : { 'x-amz-version-id': id };

const markerHeaders = ({ id }: Version): Readonly<Record<string, string>> => ({
  'x-amz-delete-marker': 'true',
  'x-amz-version-id': id,
});
