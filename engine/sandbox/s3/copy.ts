import type { Call, Reply } from './call.ts';
import { keepArrived, noSuchBucket } from './call.ts';
import { checkCopySource, checkWrite } from './conditions.ts';
import { readDescription } from './description.ts';
import { S3Error, invalidArgument } from './errors.ts';
import { checkReadable, findVersion, versionHeader } from './lookup.ts';
import { encryptionHeaders } from './objects.ts';
import { putObject } from './state.ts';
import type { ObjectVersion } from './versions.ts';
import { document, element } from './xml.ts';
import type { Bucket } from './bucket.ts';

export const MAX_COPY_BYTES = 5 * 1024 ** 3;

export interface CopySource {
  readonly bucket: Bucket;
  readonly version: ObjectVersion;
  /** It was named by its version, not as what is there now. */
  readonly byVersion: boolean;
}

export async function copy(call: Call): Promise<Reply> {
  const { state, bucket, key, request } = call;
  const source = findSource(call);
  const { version } = source;
  if (version.blob.size > MAX_COPY_BYTES) {
    const message = `The specified copy source is larger than the maximum allowable size for a copy source: ${String(MAX_COPY_BYTES)}`;
    throw new S3Error('InvalidRequest', { message });
  }
  checkReadable(version);
  const said = readDescription(request.headers);
  const replaceMetadata = directive(request.headers['x-amz-metadata-directive']);
  const replaceTags = directive(request.headers['x-amz-tagging-directive']);
  const changes =
    replaceMetadata ||
    said.storageClass !== version.storageClass ||
    request.headers['x-amz-server-side-encryption'] !== undefined;
  if (source.bucket === bucket && version.key === key && !source.byVersion && !changes) {
    throw new S3Error('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    });
  }
  const { blob, etag } = await duplicate(call, version);
  await keepArrived(call, blob, () => checkWrite(request.headers, bucket.current(key)));
  const { checksum } = version;
  const created = await putObject(state, bucket, {
    key,
    blob,
    etag,
    ...(checksum !== undefined && version.parts === undefined && { checksum }),
    storageClass: said.storageClass,
    headers: replaceMetadata
      ? said.headers
      : { ...version.headers, ...encryptionHeaders({ ...version, ...said }) },
    metadata: replaceMetadata ? said.metadata : version.metadata,
    tags: replaceTags ? said.tags : version.tags,
  });
  return {
    status: 200,
    headers: {
      ...versionHeader(bucket, created),
      ...encryptionHeaders(created),
      ...sourceVersionHeader(source),
    },
    body: document('CopyObjectResult', [
      element('LastModified', created.modified),
      element('ETag', `"${created.etag}"`),
    ]),
  };
}

/** What `x-amz-copy-source` names: an object of a bucket that belongs to the caller, wherever it is. */
export function findSource({ state, caller, request }: Call): CopySource {
  const header = request.headers['x-amz-copy-source'] ?? '';
  const [path = '', id] = header.replace(/^\//, '').split('?versionId=');
  const decoded = decode(path, header);
  const slash = decoded.indexOf('/');
  if (slash < 1) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      header,
    );
  }
  const bucket = state.buckets.get(decoded.slice(0, slash));
  const key = decoded.slice(slash + 1);
  if (bucket === undefined) throw noSuchBucket(decoded.slice(0, slash));
  const expected = request.headers['x-amz-source-expected-bucket-owner'];
  if (bucket.owner !== caller.account.id || (expected ?? bucket.owner) !== bucket.owner) {
    throw new S3Error('AccessDenied');
  }
  const version = id === undefined ? bucket.current(key) : findVersion(bucket, key, decodeURIComponent(id));
  if (version?.type !== 'object') {
    if (id === undefined) throw new S3Error('NoSuchKey', { details: { Key: key } });
    throw new S3Error('InvalidRequest', {
      message: 'The source of a copy request may not specifically refer to a delete marker by version id.',
    });
  }
  checkCopySource(request.headers, version);
  return { bucket, version, byVersion: id !== undefined };
}

export const sourceVersionHeader = ({ bucket, version }: CopySource): Readonly<Record<string, string>> =>
  bucket.versioning === 'Unversioned' ? {} : { 'x-amz-copy-source-version-id': version.id };

/** A copy is one piece, and has the ETag of one: that of an object uploaded in parts is another. */
async function duplicate(
  { state }: Call,
  version: ObjectVersion,
): Promise<{ blob: ObjectVersion['blob']; etag: string }> {
  if (version.parts === undefined) return { blob: await state.blobs.copy(version.blob), etag: version.etag };
  const { blob, md5 } = await state.blobs.write(state.blobs.read(version.blob));
  return { blob, etag: md5 };
}

function directive(header: string | undefined): boolean {
  if (header === undefined || header === 'COPY') return false;
  if (header === 'REPLACE') return true;
  throw invalidArgument('Unknown directive.', 'x-amz-metadata-directive', header);
}

function decode(path: string, header: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw invalidArgument('Invalid copy source encoding.', 'x-amz-copy-source', header);
  }
}
