import { S3Error } from './errors.ts';
import { readStorageClass } from './storage-classes.ts';
import { tagsOfHeader } from './tags.ts';
import type { ObjectDescription } from './upload.ts';

const CONTENT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const METADATA = 'x-amz-meta-';
const MAX_METADATA_BYTES = 2048;
/** With `BucketOwnerEnforced`, which new buckets have, an ACL may only say what holds anyway. */
const HARMLESS_ACLS = [undefined, 'private', 'bucket-owner-full-control'];

type Headers = Readonly<Record<string, string | undefined>>;

/** What the headers of a request say of the object that it writes. */
export function readDescription(headers: Headers): ObjectDescription {
  if (!HARMLESS_ACLS.includes(headers['x-amz-acl'])) throw new S3Error('AccessControlListNotSupported');
  if (headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined) {
    throw new S3Error('NotImplemented', { message: 'Keys of the customer are not offered' });
  }
  return {
    headers: readContentHeaders(headers),
    metadata: readMetadata(headers),
    tags: tagsOfHeader(headers['x-amz-tagging']),
    storageClass: readStorageClass(headers['x-amz-storage-class']),
  };
}

function readContentHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  for (const name of CONTENT_HEADERS) {
    const value = headers[name];
    if (value === undefined) continue;
    // How the body travelled is no property of the object.
    const text =
      name === 'content-encoding' ? value.replace(/^aws-chunked(,\s*)?|,\s*aws-chunked$/, '') : value;
    if (text !== '') kept[name] = text;
  }
  const encryption = headers['x-amz-server-side-encryption'] ?? 'AES256';
  if (!['AES256', 'aws:kms'].includes(encryption)) {
    throw new S3Error('InvalidArgument', { message: 'The encryption method specified is not supported' });
  }
  kept['x-amz-server-side-encryption'] = encryption;
  const keyId = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  if (keyId !== undefined) kept['x-amz-server-side-encryption-aws-kms-key-id'] = keyId;
  return kept;
}

function readMetadata(headers: Headers): Record<string, string> {
  const entries = Object.entries(headers)
    .filter(([name]) => name.startsWith(METADATA))
    .map(([name, value]): [string, string] => [name.slice(METADATA.length), value ?? '']);
  const bytes = entries.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES) {
    throw new S3Error('InvalidRequest', {
      message: 'Your metadata headers exceed the maximum allowed metadata size',
    });
  }
  return Object.fromEntries(entries);
}
