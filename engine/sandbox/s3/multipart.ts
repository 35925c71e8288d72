import { randomBytes } from 'node:crypto';
import { createHash } from 'node:crypto';
import { joined } from './blobs.ts';
import type { Call, Reply } from './call.ts';
import { keepArrived } from './call.ts';
import type { Checksum } from './checksums.ts';
import { compositeChecksum } from './checksums.ts';
import { checkWrite } from './conditions.ts';
import { MAX_COPY_BYTES, findSource, sourceVersionHeader } from './copy.ts';
import { readDescription } from './description.ts';
import { S3Error, invalidArgument } from './errors.ts';
import { checkReadable, versionHeader } from './lookup.ts';
import { checksumHeaders, encryptionHeaders } from './objects.ts';
import { putObject } from './state.ts';
import type { Part, Upload } from './upload.ts';
import type { Element } from './xml.ts';
import { childrenOf, document, element, parse, childText } from './xml.ts';

const MAX_PARTS = 10_000;
/** Every part but the last. */
const MIN_PART_BYTES = 5 * 1024 ** 2;

export function create({ bucket, key, request }: Call): Reply {
  const upload: Upload = {
    id: randomBytes(48).toString('base64url'),
    key,
    startedAt: new Date(),
    described: readDescription(request.headers),
    parts: new Map(),
  };
  bucket.uploads.set(upload.id, upload);
  const algorithm = request.headers['x-amz-checksum-algorithm'];
  return {
    status: 200,
    headers: algorithm === undefined ? {} : { 'x-amz-checksum-algorithm': algorithm },
    body: document('InitiateMultipartUploadResult', [
      element('Bucket', bucket.name),
      element('Key', key),
      element('UploadId', upload.id),
    ]),
  };
}

export async function uploadPart(call: Call): Promise<Reply> {
  const { state, request, payload } = call;
  const upload = findUpload(call);
  const number = partNumber(request.query.get('partNumber') ?? '');
  if (Number(request.headers['content-length'] ?? 0) > MAX_COPY_BYTES) throw new S3Error('EntityTooLarge');
  const { blob, md5 } = await state.blobs.write(payload.read());
  await keepPart(call, upload, { number, blob, etag: md5, checksum: payload.checksum, modified: new Date() });
  const checksum = payload.checksum;
  return {
    status: 200,
    headers: {
      etag: `"${md5}"`,
      ...(checksum !== undefined && { [`x-amz-checksum-${checksum.name}`]: checksum.value }),
    },
  };
}

export async function uploadPartCopy(call: Call): Promise<Reply> {
  const { state, request } = call;
  const upload = findUpload(call);
  const number = partNumber(request.query.get('partNumber') ?? '');
  const source = findSource(call);
  checkReadable(source.version);
  const { start, end } = sourceRange(request.headers['x-amz-copy-source-range'], source.version.blob.size);
  if (end - start > MAX_COPY_BYTES) throw new S3Error('EntityTooLarge');
  const { blob, md5 } = await state.blobs.write(state.blobs.read(source.version.blob, start, end));
  const part: Part = { number, blob, etag: md5, checksum: undefined, modified: new Date() };
  await keepPart(call, upload, part);
  return {
    status: 200,
    headers: sourceVersionHeader(source),
    body: document('CopyPartResult', [element('LastModified', part.modified), element('ETag', `"${md5}"`)]),
  };
}

export async function complete(call: Call): Promise<Reply> {
  const { state, bucket, key, request } = call;
  const document_ = parse(await call.payload.text(), 'CompleteMultipartUpload');
  const upload = findUpload(call);
  const parts = chosenParts(upload, childrenOf(document_, 'Part'));
  checkWrite(request.headers, bucket.current(key));
  bucket.uploads.delete(upload.id);
  const unused = [...upload.parts.values()].filter((part) => !parts.includes(part));
  const checksum = compositeChecksum(parts.map((part) => part.checksum));
  const version = await putObject(state, bucket, {
    key,
    blob: joined(parts.map(({ blob }) => blob)),
    etag: compositeEtag(parts),
    parts: parts.map(({ blob }) => blob.size),
    ...upload.described,
    ...(checksum !== undefined && { checksum }),
  });
  await Promise.all(unused.map(({ blob }) => state.blobs.remove(blob)));
  return {
    status: 200,
    headers: { ...versionHeader(bucket, version), ...encryptionHeaders(version) },
    body: document('CompleteMultipartUploadResult', [
      element('Location', `http://${request.headers['host'] ?? ''}${request.canonicalPath}`),
      element('Bucket', bucket.name),
      element('Key', key),
      element('ETag', `"${version.etag}"`),
      ...checksumElements(checksum, version),
    ]),
  };
}

export async function abort(call: Call): Promise<Reply> {
  const upload = findUpload(call);
  call.bucket.uploads.delete(upload.id);
  await Promise.all(Array.from(upload.parts.values(), ({ blob }) => call.state.blobs.remove(blob)));
  return { status: 204 };
}

export function findUpload({ bucket, key, request }: Pick<Call, 'bucket' | 'key' | 'request'>): Upload {
  const id = request.query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(id);
  if (upload?.key !== key) throw new S3Error('NoSuchUpload', { details: { UploadId: id } });
  return upload;
}

/** A part may be sent anew: the last one counts. */
async function keepPart(call: Call, upload: Upload, part: Part): Promise<void> {
  await keepArrived(call, part.blob, () => findUpload(call));
  const replaced = upload.parts.get(part.number);
  upload.parts.set(part.number, part);
  if (replaced !== undefined) await call.state.blobs.remove(replaced.blob);
}

function chosenParts(upload: Upload, listed: readonly Element[]): readonly Part[] {
  if (listed.length === 0) throw new S3Error('MalformedXML');
  const numbers = listed.map((part) => Number(childText(part, 'PartNumber')));
  if (numbers.some((number, index) => index > 0 && number <= (numbers[index - 1] ?? 0))) {
    throw new S3Error('InvalidPartOrder');
  }
  const parts = listed.map((entry, index) => {
    const part = upload.parts.get(numbers[index] ?? 0);
    const etag = childText(entry, 'ETag')?.replaceAll('"', '');
    if (part === undefined || part.etag !== etag) {
      throw new S3Error('InvalidPart', {
        details: { UploadId: upload.id, PartNumber: String(numbers[index]), ETag: etag ?? '' },
      });
    }
    return part;
  });
  const small = parts.slice(0, -1).find(({ blob }) => blob.size < MIN_PART_BYTES);
  if (small !== undefined) {
    throw new S3Error('EntityTooSmall', {
      details: {
        ProposedSize: String(small.blob.size),
        MinSizeAllowed: String(MIN_PART_BYTES),
        PartNumber: String(small.number),
      },
    });
  }
  return parts;
}

/** The digest of the parts' digests, and how many they were: no digest of the object. */
function compositeEtag(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${String(parts.length)}`;
}

function checksumElements(
  checksum: Checksum | undefined,
  version: Parameters<typeof checksumHeaders>[1],
): Element[] {
  if (checksum === undefined) return [];
  const type = checksumHeaders(checksum, version)['x-amz-checksum-type'] ?? '';
  return [element(`Checksum${checksum.name.toUpperCase()}`, checksum.value), element('ChecksumType', type)];
}

function partNumber(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_PARTS) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${String(MAX_PARTS)}, inclusive`,
      'partNumber',
      text,
    );
  }
  return number;
}

/** Of a copied part both ends must be given, and lie within the source. */
function sourceRange(header: string | undefined, size: number): { start: number; end: number } {
  if (header === undefined) return { start: 0, end: size };
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  const [start, last] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || start > last || last >= size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${String(size)}`,
      'x-amz-copy-source-range',
      header,
    );
  }
  return { start, end: last + 1 };
}
