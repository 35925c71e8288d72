import { StepError } from '../../../model/kind.ts';
import type { S3Client, S3Response } from '../client/client.ts';
import { md5Header } from '../client/md5.ts';
import { encodePath } from '../client/encoding.ts';
import { childOf, escapeXml, parseXml, childText } from '../client/xml.ts';

/** What is copied, as a listing told it. */
export interface Source {
  readonly from: S3Client;
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  /** The current version when absent. */
  readonly versionId?: string;
  /** Its key at the destination; the same when absent. */
  readonly toKey?: string;
}

export interface CopyLimits {
  /** Larger objects are copied in parts, in bytes. */
  readonly single: number;
  readonly part: number;
}

const GIB = 1024 ** 3;
/** 5 GB is S3's own limit: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const COPY_LIMITS: CopyLimits = { single: 5 * GIB, part: GIB };
/** Parts of one object at a time; other objects are being copied beside it. */
const PARTS_AT_A_TIME = 8;
const MOST_PARTS = 10_000;

/** Uploads in parts that are open, so that a later life goes on with them. */
export interface OpenUploads {
  find(key: string): string | undefined;
  begun(key: string, uploadId: string): Promise<void>;
  ended(key: string): void;
}

/** The archive, from which nothing can be read at once. */
export const ARCHIVED: ReadonlySet<string> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/**
 * Copies inside the service, into the client's bucket. Metadata, content type, cache
 * headers and tags go along; `storageClass` is said, because S3 keeps it neither way. What has more than
 * 5 GB goes in parts. In a versioned bucket what was there stays as an older version.
 */
export async function copyObject(
  to: S3Client,
  source: Source,
  options: { readonly storageClass: string; readonly uploads: OpenUploads; readonly limits?: CopyLimits },
): Promise<void> {
  const limits = options.limits ?? COPY_LIMITS;
  if (source.size > limits.single) return copyInParts(to, source, { ...options, limits });
  await to.send({
    method: 'PUT',
    doing: `copy ${source.key} to ${to.bucket}`,
    key: destination(source),
    headers: { ...copySource(source), ...classHeader(options.storageClass) },
  });
}

const destination = ({ key, toKey }: Source): string => toKey ?? key;

function copySource({ from, key, versionId }: Source): Record<string, string> {
  const { owner } = from.access;
  const version = versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`;
  return {
    'x-amz-copy-source': `/${from.bucket}/${encodePath(key)}${version}`,
    ...(owner !== undefined && { 'x-amz-source-expected-bucket-owner': owner }),
  };
}

const classHeader = (storageClass: string): Record<string, string> => ({
  'x-amz-storage-class': storageClass,
});

interface PartsOptions {
  readonly storageClass: string;
  readonly uploads: OpenUploads;
  readonly limits: CopyLimits;
}

async function copyInParts(to: S3Client, source: Source, options: PartsOptions): Promise<void> {
  const key = destination(source);
  const { uploads } = options;
  const known = uploads.find(key);
  const copied = known === undefined ? undefined : await partsOf(to, key, known);
  const tags = await tagsOf(source);
  let uploadId = known ?? '';
  if (copied === undefined) {
    uploadId = await beginUpload(to, source, { storageClass: options.storageClass, tags });
    await uploads.begun(key, uploadId);
  }
  try {
    await finishUpload(to, source, {
      uploadId,
      copied: copied ?? new Map<number, string>(),
      part: options.limits.part,
    });
  } catch (error) {
    // What may succeed later is left for a later try; parts that nobody will use would be billed for ever.
    if (!(error instanceof StepError) || error.retryable) throw error;
    await to.attempt({ method: 'DELETE', doing: `give up the copy of ${key}`, key, query: { uploadId } });
    uploads.ended(key);
    throw error;
  }
  uploads.ended(key);
  await writeTags(to, key, tags);
}

async function finishUpload(
  to: S3Client,
  source: Source,
  upload: { readonly uploadId: string; readonly copied: ReadonlyMap<number, string>; readonly part: number },
): Promise<void> {
  const { size } = source;
  const key = destination(source);
  const { uploadId } = upload;
  const partSize = Math.max(upload.part, Math.ceil(size / MOST_PARTS));
  const etags = new Map(upload.copied);
  const rest = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index + 1).filter(
    (number) => !etags.has(number),
  );
  const worker = async (): Promise<void> => {
    for (let number = rest.shift(); number !== undefined; number = rest.shift()) {
      etags.set(number, await copyPart(to, source, { uploadId, number, partSize }));
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_A_TIME }, worker));
  const parts = [...etags]
    .sort(([a], [b]) => a - b)
    .map(
      ([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
    );
  await to.send({
    method: 'POST',
    doing: `put the parts of ${key} together`,
    key,
    query: { uploadId },
    body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</CompleteMultipartUpload>`,
  });
}

/** In parts, S3 copies neither metadata nor tags by itself. */
async function beginUpload(
  to: S3Client,
  source: Source,
  { storageClass, tags }: { readonly storageClass: string; readonly tags: readonly Tag[] },
): Promise<string> {
  const key = destination(source);
  const head = await headSource(source);
  const tagging = tags.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  const { text } = await to.send({
    method: 'POST',
    doing: `copy ${source.key} to ${to.bucket}`,
    key,
    query: { uploads: '' },
    headers: {
      ...keptHeaders(head.headers),
      ...classHeader(storageClass),
      ...(tagging !== '' && { 'x-amz-tagging': tagging }),
    },
  });
  const uploadId = childText(parseXml(text), 'UploadId');
  if (uploadId !== undefined) return uploadId;
  throw new StepError(`S3 began no upload of ${key}`, { code: 'InternalError', retryable: true });
}

const KEPT = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
  'x-amz-website-redirect-location',
];

const keptHeaders = (headers: S3Response['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => KEPT.includes(name) || name.startsWith('x-amz-meta-')),
  );

const headSource = ({ from, key, versionId }: Source): Promise<S3Response> =>
  from.send({ method: 'HEAD', doing: `read the metadata of ${key}`, key, query: { versionId } });

type Tag = readonly [key: string, value: string];

async function tagsOf({ from, key, versionId }: Source): Promise<readonly Tag[]> {
  const query = { versionId, tagging: '' };
  const { text } = await from.send({ method: 'GET', doing: `read the tags of ${key}`, key, query });
  const tags = childOf(parseXml(text), 'TagSet')?.children ?? [];
  return tags.map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const);
}

/** Some services do not take the tags with which an upload in parts begins. */
async function writeTags(to: S3Client, key: string, tags: readonly Tag[]): Promise<void> {
  if (tags.length === 0) return;
  const set = tags.map(
    ([name, value]) => `<Tag><Key>${escapeXml(name)}</Key><Value>${escapeXml(value)}</Value></Tag>`,
  );
  const body = `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>${set.join('')}</TagSet></Tagging>`;
  await to.send({
    method: 'PUT',
    doing: `write the tags of ${key}`,
    key,
    query: { tagging: '' },
    headers: md5Header(body),
    body,
  });
}

async function copyPart(
  to: S3Client,
  source: Source,
  {
    uploadId,
    number,
    partSize,
  }: { readonly uploadId: string; readonly number: number; readonly partSize: number },
): Promise<string> {
  const from = (number - 1) * partSize;
  const { text } = await to.send({
    method: 'PUT',
    doing: `copy part ${number} of ${source.key}`,
    key: destination(source),
    query: { partNumber: String(number), uploadId },
    headers: {
      ...copySource(source),
      'x-amz-copy-source-range': `bytes=${from}-${Math.min(source.size, from + partSize) - 1}`,
      // Parts of two different objects must not meet.
      'x-amz-copy-source-if-match': `"${source.etag}"`,
    },
  });
  const etag = childText(parseXml(text), 'ETag');
  if (etag !== undefined) return etag;
  throw new StepError(`S3 did not copy part ${number} of ${source.key}`, {
    code: 'InternalError',
    retryable: true,
  });
}

/** The parts that an earlier life has copied; undefined when the upload is no longer known. */
async function partsOf(
  to: S3Client,
  key: string,
  uploadId: string,
): Promise<Map<number, string> | undefined> {
  const parts = new Map<number, string>();
  let marker: string | undefined;
  do {
    const query = { uploadId, 'part-number-marker': marker };
    const answer = await to.attempt({ method: 'GET', doing: `look at the parts of ${key}`, key, query });
    if ('refusal' in answer) {
      if (answer.refusal.status === 404) return undefined;
      throw to.error(answer.refusal, `look at the parts of ${key}`);
    }
    const root = parseXml(answer.text);
    for (const part of root?.children ?? []) {
      if (part.name === 'Part')
        parts.set(Number(childText(part, 'PartNumber')), childText(part, 'ETag') ?? '');
    }
    marker = childText(root, 'IsTruncated') === 'true' ? childText(root, 'NextPartNumberMarker') : undefined;
  } while (marker !== undefined);
  return parts;
}
