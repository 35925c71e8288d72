import type { HeadObjectCommandOutput, StorageClass, Tag } from '@aws-sdk/client-s3';
import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import { encodePath } from '../client/encoding.ts';

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
  const input = {
    ...to.ownBucket,
    ...copySource(to, source),
    Key: destination(source),
    StorageClass: options.storageClass as StorageClass,
  };
  await to.ask(`copy ${source.key} to ${to.bucket}`, (s3, http) => s3.copyObject(input, http));
}

const destination = ({ key, toKey }: Source): string => toKey ?? key;

/** What is copied, and who pays, for the side that wants to be paid for. */
const copySource = (to: S3Client, { from, key, versionId }: Source) => ({
  CopySource: `/${from.bucket}/${encodePath(key)}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`,
  ExpectedSourceBucketOwner: from.access.owner,
  RequestPayer: to.ownBucket.RequestPayer ?? from.ownBucket.RequestPayer,
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
    const input = { ...to.ownBucket, Key: key, UploadId: uploadId };
    await to.attempt((s3, http) => s3.abortMultipartUpload(input, http));
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
  const Parts = [...etags].sort(([a], [b]) => a - b).map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
  const input = { ...to.ownBucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts } };
  await to.ask(`put the parts of ${key} together`, (s3, http) => s3.completeMultipartUpload(input, http));
}

/** In parts, S3 copies neither metadata nor tags by itself. */
async function beginUpload(
  to: S3Client,
  source: Source,
  { storageClass, tags }: { readonly storageClass: string; readonly tags: Tag[] },
): Promise<string> {
  const key = destination(source);
  const input = {
    ...to.ownBucket,
    ...keptOf(await headSource(source)),
    Key: key,
    StorageClass: storageClass as StorageClass,
    Tagging: tags.map(({ Key = '', Value = '' }) => [Key, Value].map(encodeURIComponent).join('=')).join('&'),
  };
  const { UploadId } = await to.ask(`copy ${key} to ${to.bucket}`, (s3, http) =>
    s3.createMultipartUpload(input, http),
  );
  if (UploadId !== undefined) return UploadId;
  throw new StepError(`S3 began no upload of ${key}`, { code: 'InternalError', retryable: true });
}

const keptOf = (head: HeadObjectCommandOutput) => ({
  ContentType: head.ContentType,
  CacheControl: head.CacheControl,
  ContentDisposition: head.ContentDisposition,
  ContentEncoding: head.ContentEncoding,
  ContentLanguage: head.ContentLanguage,
  Expires: momentOf(head.ExpiresString),
  WebsiteRedirectLocation: head.WebsiteRedirectLocation,
  Metadata: head.Metadata,
});

/** What is no date has no meaning for anybody else either. */
function momentOf(text = ''): Date | undefined {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

const inputOf = ({ from, key, versionId }: Source) => ({
  ...from.ownBucket,
  Key: key,
  VersionId: versionId,
});

const headSource = (source: Source): Promise<HeadObjectCommandOutput> =>
  source.from.ask(`read the metadata of ${source.key}`, (s3, http) => s3.headObject(inputOf(source), http));

async function tagsOf(source: Source): Promise<Tag[]> {
  const { TagSet } = await source.from.ask(`read the tags of ${source.key}`, (s3, http) =>
    s3.getObjectTagging(inputOf(source), http),
  );
  return TagSet ?? [];
}

/** Some services do not take the tags with which an upload in parts begins. */
async function writeTags(to: S3Client, key: string, TagSet: Tag[]): Promise<void> {
  if (TagSet.length === 0) return;
  const input = { ...to.ownBucket, Key: key, Tagging: { TagSet } };
  await to.ask(`write the tags of ${key}`, (s3, http) => s3.putObjectTagging(input, http));
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
  const input = {
    ...to.ownBucket,
    ...copySource(to, source),
    Key: destination(source),
    UploadId: uploadId,
    PartNumber: number,
    CopySourceRange: `bytes=${from}-${Math.min(source.size, from + partSize) - 1}`,
    // Parts of two different objects must not meet.
    CopySourceIfMatch: `"${source.etag}"`,
  };
  const { CopyPartResult } = await to.ask(`copy part ${number} of ${source.key}`, (s3, http) =>
    s3.uploadPartCopy(input, http),
  );
  if (CopyPartResult?.ETag !== undefined) return CopyPartResult.ETag;
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
    const input = { ...to.ownBucket, Key: key, UploadId: uploadId, PartNumberMarker: marker };
    const answer = await to.attempt((s3, http) => s3.listParts(input, http));
    if ('refusal' in answer) {
      if (answer.refusal.status === 404) return undefined;
      throw to.error(answer.refusal, `look at the parts of ${key}`);
    }
    const { Parts = [], IsTruncated, NextPartNumberMarker } = answer.value;
    for (const { PartNumber, ETag } of Parts) parts.set(Number(PartNumber), ETag ?? '');
    marker = IsTruncated === true ? NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}
