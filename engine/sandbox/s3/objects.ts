import { restoreHeader } from './restored.ts';
import type { BlobRange, Call, Reply } from './call.ts';
import { keepArrived } from './call.ts';
import type { Checksum } from './checksums.ts';
import { checkRead, checkWrite, readRange } from './conditions.ts';
import { httpDate } from './dates.ts';
import { readDescription } from './description.ts';
import { S3Error } from './errors.ts';
import { checkReadable, findObject, versionHeader } from './lookup.ts';
import { putObject } from './state.ts';
import { tagDocument, tagsOfDocument } from './tags.ts';
import type { ObjectVersion } from './versions.ts';

const MAX_PUT_BYTES = 5 * 1024 ** 3;
/** By the query parameter that replaces each header of the answer. */
const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

export async function put(call: Call): Promise<Reply> {
  const { state, bucket, key, request, payload } = call;
  const described = readDescription(request.headers);
  if (Number(request.headers['content-length'] ?? 0) > MAX_PUT_BYTES) throw new S3Error('EntityTooLarge');
  const { blob, md5 } = await state.blobs.write(payload.read());
  await keepArrived(call, blob, () => checkWrite(request.headers, bucket.current(key)));
  const { checksum } = payload;
  const version = await putObject(state, bucket, {
    key,
    blob,
    etag: md5,
    ...described,
    ...(checksum !== undefined && { checksum }),
  });
  return {
    status: 200,
    headers: {
      etag: `"${version.etag}"`,
      ...versionHeader(bucket, version),
      ...encryptionHeaders(version),
      ...(checksum !== undefined && checksumHeaders(checksum, version)),
    },
  };
}

/** GET and HEAD. */
export function read(call: Call): Reply {
  const { bucket, request } = call;
  const version = findObject(call);
  if (checkRead(request.headers, version) === 'notModified') {
    return { status: 304, headers: { etag: `"${version.etag}"`, ...versionHeader(bucket, version) } };
  }
  if (request.method === 'GET') checkReadable(version);
  const range =
    partRange(request.query.get('partNumber'), version) ?? readRange(request.headers['range'], version);
  const { start, end } = range ?? { start: 0, end: version.blob.size };
  const size = String(version.blob.size);
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      'accept-ranges': 'bytes',
      'content-length': String(end - start),
      'last-modified': httpDate(version.modified),
      etag: `"${version.etag}"`,
      ...(range !== undefined && { 'content-range': `bytes ${String(start)}-${String(end - 1)}/${size}` }),
      ...versionHeader(bucket, version),
      ...describing(version),
      ...overrides(request.query),
      ...(request.headers['x-amz-checksum-mode'] === 'ENABLED' &&
        range === undefined &&
        version.checksum !== undefined &&
        checksumHeaders(version.checksum, version)),
      ...(request.query.has('partNumber') &&
        version.parts !== undefined && { 'x-amz-mp-parts-count': String(version.parts.length) }),
    },
    body: { blob: version.blob, start, end },
  };
}

export function readTags(call: Call): Reply {
  const version = findObject(call);
  return { status: 200, headers: versionHeader(call.bucket, version), body: tagDocument(version.tags) };
}

export async function putTags(call: Call): Promise<Reply> {
  const version = findObject(call);
  version.tags = tagsOfDocument(await call.payload.text());
  return { status: 200, headers: versionHeader(call.bucket, version) };
}

export function deleteTags(call: Call): Reply {
  const version = findObject(call);
  version.tags = new Map();
  return { status: 204, headers: versionHeader(call.bucket, version) };
}

export const encryptionHeaders = ({ headers }: ObjectVersion): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-amz-')));

/** The checksum over the whole object, or (with `-<parts>` at its end) over those of its parts. */
export const checksumHeaders = (
  { name, value }: Checksum,
  { parts }: Pick<ObjectVersion, 'parts'>,
): Readonly<Record<string, string>> => ({
  [`x-amz-checksum-${name}`]: value,
  'x-amz-checksum-type': parts === undefined ? 'FULL_OBJECT' : 'COMPOSITE',
});

function describing(version: ObjectVersion): Record<string, string> {
  const metadata = Object.entries(version.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return {
    ...version.headers,
    ...(Object.fromEntries(metadata) as Record<string, string>),
    ...(version.storageClass !== 'STANDARD' && { 'x-amz-storage-class': version.storageClass }),
    ...(version.tags.size !== 0 && { 'x-amz-tagging-count': String(version.tags.size) }),
    ...(version.replication !== undefined && { 'x-amz-replication-status': version.replication }),
    ...restoreHeader(version),
  };
}

function overrides(query: ReadonlyMap<string, string>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** One part of an object that was uploaded in parts; of any other, part 1 is all of it. */
function partRange(text: string | undefined, version: ObjectVersion): BlobRange | undefined {
  if (text === undefined) return undefined;
  const sizes = version.parts ?? [version.blob.size];
  const number = Number(text);
  const size = sizes[number - 1];
  if (size === undefined) {
    throw new S3Error('InvalidRange', { message: 'The requested partnumber is not satisfiable' });
  }
  const start = sizes.slice(0, number - 1).reduce((sum, earlier) => sum + earlier, 0);
  return { blob: version.blob, start, end: start + size };
}
