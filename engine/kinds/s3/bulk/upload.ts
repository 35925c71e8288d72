import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { CompletedPart, StorageClass } from '@aws-sdk/client-s3';
import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import type { Refusal } from '../client/errors.ts';
import type { OpenUploads } from './copy.ts';
import type { LocalFile } from './local-files.ts';
import { isUnchanged, reading } from './local-files.ts';
import { shortKey } from './outcome.ts';

const MIB = 1024 ** 2;
/** What is larger goes in parts: so much of it is in memory at once. */
const SINGLE = 16 * MIB;
const PART = 8 * MIB;
/** Parts of one file at a time; other files are under way beside it. */
const MEMORY = 4 * PART;
const MOST_PARTS = 10_000;

/** How a file becomes an object. */
export interface Upload {
  readonly key: string;
  readonly storageClass: string | undefined;
  readonly contentType: string | undefined;
  /** An object that is there may be replaced. */
  readonly mayReplace: boolean;
  /** ETags tell the content; where they do not, a SHA-256 is kept beside each object. */
  readonly digests: boolean;
  readonly uploads: OpenUploads;
}

/**
 * Puts a file as an object. The service is told a digest of what comes, and refuses anything else; in the end its
 * ETag is held against that of what was read. A file that changes meanwhile becomes no object.
 * Gives `taken` when an object has got there first.
 */
export async function uploadFile(
  client: S3Client,
  file: LocalFile,
  upload: Upload,
): Promise<'done' | 'taken'> {
  const doing = `put ${shortKey(upload.key)} into ${client.bucket}`;
  const put = file.size > SINGLE ? putInParts : putWhole;
  const answer = await put(client, file, upload, doing);
  if (!('refusal' in answer)) return 'done';
  const { status } = answer.refusal;
  if (status === 412 || status === 409) return 'taken';
  throw client.error(answer.refusal, doing);
}

type Outcome = { readonly value: unknown } | { readonly refusal: Refusal };

async function putWhole(client: S3Client, file: LocalFile, upload: Upload, doing: string): Promise<Outcome> {
  const Body = await readSlice(file, 0, file.size);
  await checkUnchanged(file);
  const md5 = digestOf('md5', Body);
  const input = { ...client.ownBucket, ...described(upload), Body, ...digestsFor(Body, upload) };
  const answer = await conditionally(upload, (IfNoneMatch) =>
    client.attempt((s3, http) => s3.putObject({ ...input, IfNoneMatch }, http)),
  );
  if ('value' in answer) checkEtag(answer.value.ETag, md5.toString('hex'), upload, doing);
  return answer;
}

async function putInParts(
  client: S3Client,
  file: LocalFile,
  upload: Upload,
  doing: string,
): Promise<Outcome> {
  const { key, uploads } = upload;
  const known = uploads.find(key);
  const there = known === undefined ? undefined : await partsOf(client, key, known);
  let uploadId = known ?? '';
  if (there === undefined) {
    const input = {
      ...client.ownBucket,
      ...described(upload),
      ...(!upload.digests && { ChecksumAlgorithm: 'SHA256' as const }),
    };
    const begun = await client.ask(doing, (s3, http) => s3.createMultipartUpload(input, http));
    uploadId = begun.UploadId ?? '';
    await uploads.begun(key, uploadId);
  }
  const object = { ...client.ownBucket, Key: key, UploadId: uploadId };
  try {
    const { parts, etag } = await putParts(client, file, upload, object, there ?? new Map<number, string>());
    await checkUnchanged(file);
    const input = { ...object, MultipartUpload: { Parts: parts } };
    const answer = await conditionally(upload, (IfNoneMatch) =>
      client.attempt((s3, http) => s3.completeMultipartUpload({ ...input, IfNoneMatch }, http)),
    );
    if ('value' in answer) {
      uploads.ended(key);
      checkEtag(answer.value.ETag, etag, upload, doing);
      return answer;
    }
    if (answer.refusal.status === 404) return { refusal: { ...answer.refusal, status: 409 } };
    await giveUp(client, upload, object);
    return answer;
  } catch (error) {
    // What may succeed later is left for a later try; parts that nobody will use would be billed for ever.
    if (error instanceof StepError && !error.retryable) await giveUp(client, upload, object);
    throw error;
  }
}

interface Begun {
  readonly Bucket: string;
  readonly ExpectedBucketOwner: string | undefined;
  readonly Key: string;
  readonly UploadId: string;
}

async function giveUp(client: S3Client, { key, uploads }: Upload, object: Begun): Promise<void> {
  await client.attempt((s3, http) => s3.abortMultipartUpload(object, http));
  uploads.ended(key);
}

/** Puts the parts that are not there with the same content; gives all, and the ETag that the object will have. */
async function putParts(
  client: S3Client,
  file: LocalFile,
  upload: Upload,
  object: Begun,
  there: ReadonlyMap<number, string>,
): Promise<{ readonly parts: CompletedPart[]; readonly etag: string }> {
  const size = partSize(file);
  const count = Math.ceil(file.size / size);
  const parts: CompletedPart[] = [];
  const md5s: Buffer[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const PartNumber = index + 1;
      const Body = await readSlice(file, index * size, Math.min(file.size, (index + 1) * size));
      const digests = digestsFor(Body, upload);
      const md5 = digestOf('md5', Body);
      let ETag = there.get(PartNumber);
      if (ETag === undefined || (upload.digests && ETag.replaceAll('"', '') !== md5.toString('hex'))) {
        const input = { ...object, PartNumber, Body, ...digests };
        const doing = `put part ${String(PartNumber)} of ${shortKey(upload.key)}`;
        ETag = (await client.ask(doing, (s3, http) => s3.uploadPart(input, http))).ETag ?? '';
      }
      md5s[index] = md5;
      parts[index] = { PartNumber, ETag, ...('ChecksumSHA256' in digests && digests) };
    }
  };
  const workers = Math.max(1, Math.floor(MEMORY / size));
  await Promise.all(Array.from({ length: workers }, worker));
  return { parts, etag: etagOf(md5s) };
}

const partSize = ({ size }: LocalFile): number => Math.max(PART, Math.ceil(size / MOST_PARTS / MIB) * MIB);

const etagOf = (md5s: readonly Buffer[]): string =>
  `${digestOf('md5', Buffer.concat(md5s)).toString('hex')}-${String(md5s.length)}`;

/** The ETag of an object in parts that is this file and was put by this kind of step. */
export async function etagInParts(file: LocalFile): Promise<string> {
  const size = partSize(file);
  const md5s: Buffer[] = [];
  for (let from = 0; from < file.size; from += size) {
    md5s.push(digestOf('md5', await readSlice(file, from, Math.min(file.size, from + size))));
  }
  return etagOf(md5s);
}

/** The parts that an earlier life has put; undefined when the upload is no longer known. */
async function partsOf(
  client: S3Client,
  key: string,
  uploadId: string,
): Promise<ReadonlyMap<number, string> | undefined> {
  const parts = new Map<number, string>();
  const input = { ...client.ownBucket, Key: key, UploadId: uploadId };
  let marker: string | undefined;
  do {
    const from = { ...input, PartNumberMarker: marker };
    const answer = await client.attempt((s3, http) => s3.listParts(from, http));
    if ('refusal' in answer) {
      if (answer.refusal.status === 404) return undefined;
      throw client.error(answer.refusal, `look at the parts of ${shortKey(key)}`);
    }
    for (const { PartNumber, ETag } of answer.value.Parts ?? []) parts.set(PartNumber ?? 0, ETag ?? '');
    marker = answer.value.IsTruncated === true ? answer.value.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

const described = ({ key, storageClass, contentType }: Upload) => ({
  Key: key,
  StorageClass: storageClass as StorageClass | undefined,
  ContentType: contentType,
});

/** What the service holds what comes against. */
const digestsFor = (body: Buffer, { digests }: Upload) =>
  digests
    ? { ContentMD5: digestOf('md5', body).toString('base64') }
    : { ChecksumSHA256: digestOf('sha256', body).toString('base64') };

/** Only where nothing is there yet, unless it may be replaced; a service that knows no conditions is asked without. */
async function conditionally<T>(
  { mayReplace }: Upload,
  put: (ifNoneMatch: string | undefined) => Promise<{ readonly value: T } | { readonly refusal: Refusal }>,
): Promise<{ readonly value: T } | { readonly refusal: Refusal }> {
  const answer = await put(mayReplace ? undefined : '*');
  return 'refusal' in answer && answer.refusal.status === 501 && !mayReplace ? put(undefined) : answer;
}

function checkEtag(found: string | undefined, expected: string, { digests }: Upload, doing: string): void {
  const etag = (found ?? '').replaceAll('"', '');
  // Some services tell none when parts are put together; each part was held against its digest.
  if (!digests || etag === '' || etag === expected || !/^[\da-f]{32}(?:-\d+)?$/.test(etag)) return;
  throw new StepError(`to ${doing}: the service has kept another content than was sent`, {
    code: 'corrupt',
    changed: 'something',
    retryable: true,
  });
}

async function checkUnchanged(file: LocalFile): Promise<void> {
  if (await isUnchanged(file)) return;
  throw new StepError(`${file.path} was written to while it was read`, {
    code: 'fileChanged',
    hint: 'Nothing was put in its place. Find out what writes it, then try again.',
  });
}

async function readSlice({ path }: LocalFile, from: number, to: number): Promise<Buffer> {
  return reading(path, async () => {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(to - from);
      let read = 0;
      while (read < buffer.length) {
        const { bytesRead } = await file.read(buffer, read, buffer.length - read, from + read);
        // Shorter than it was: told as changed afterwards.
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      return buffer;
    } finally {
      await file.close();
    }
  });
}

const digestOf = (algorithm: 'md5' | 'sha256', content: Buffer): Buffer =>
  createHash(algorithm).update(content).digest();
