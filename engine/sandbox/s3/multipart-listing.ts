import type { Call, Reply } from './call.ts';
import { readScope } from './listing.ts';
import { findUpload } from './multipart.ts';
import { compareKeys } from './key-index.ts';
import type { Upload } from './upload.ts';
import { document, element, optional } from './xml.ts';

export function listParts(call: Call): Reply {
  const { bucket, key, request } = call;
  const upload = findUpload(call);
  const { limit } = readScope(request.query, 'max-parts');
  const marker = Number(request.query.get('part-number-marker') ?? 0);
  const parts = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .sort((left, right) => left.number - right.number);
  const shown = parts.slice(0, limit);
  const truncated = shown.length < parts.length;
  return {
    status: 200,
    body: document('ListPartsResult', [
      element('Bucket', bucket.name),
      element('Key', key),
      element('UploadId', upload.id),
      element('PartNumberMarker', marker),
      truncated ? optional('NextPartNumberMarker', shown.at(-1)?.number) : undefined,
      element('MaxParts', limit),
      element('IsTruncated', truncated),
      element('StorageClass', upload.described.storageClass),
      ...shown.map(({ number, modified, etag, blob, checksum }) =>
        element('Part', [
          element('PartNumber', number),
          element('LastModified', modified),
          element('ETag', `"${etag}"`),
          element('Size', blob.size),
          checksum === undefined
            ? undefined
            : element(`Checksum${checksum.name.toUpperCase()}`, checksum.value),
        ]),
      ),
    ]),
  };
}

/** Uploads that are under way, by key and then by when they began. */
export function listUploads({ bucket, request }: Call): Reply {
  const { query } = request;
  const { prefix, limit, shown } = readScope(query, 'max-uploads');
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const uploads = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort(
      (left, right) =>
        compareKeys(left.key, right.key) || left.startedAt.getTime() - right.startedAt.getTime(),
    );
  const page = afterMarker(uploads, keyMarker, idMarker);
  const listed = page.slice(0, limit);
  const truncated = listed.length < page.length;
  const last = listed.at(-1);
  return {
    status: 200,
    body: document('ListMultipartUploadsResult', [
      element('Bucket', bucket.name),
      element('KeyMarker', shown(keyMarker)),
      element('UploadIdMarker', idMarker),
      ...(truncated && last !== undefined
        ? [element('NextKeyMarker', shown(last.key)), element('NextUploadIdMarker', last.id)]
        : []),
      element('Prefix', shown(prefix)),
      element('MaxUploads', limit),
      optional('EncodingType', query.get('encoding-type')),
      element('IsTruncated', truncated),
      ...listed.map(({ key, id, startedAt, described }) =>
        element('Upload', [
          element('Key', shown(key)),
          element('UploadId', id),
          element('StorageClass', described.storageClass),
          element('Initiated', startedAt),
        ]),
      ),
    ]),
  };
}

function afterMarker(uploads: readonly Upload[], keyMarker: string, idMarker: string): readonly Upload[] {
  if (keyMarker === '') return uploads;
  const at = uploads.findIndex(({ key, id }) => key === keyMarker && id === idMarker);
  if (at >= 0) return uploads.slice(at + 1);
  return uploads.filter(({ key }) => compareKeys(key, keyMarker) > 0);
}
