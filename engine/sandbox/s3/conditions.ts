import type { BlobRange } from './call.ts';
import { readDate } from './dates.ts';
import { S3Error } from './errors.ts';
import type { ObjectVersion, Version } from './versions.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Whether the object may be read: `notModified` where the reader has it already, a refusal otherwise (RFC 9110, 13.2.2). */
export function checkRead(headers: Headers, version: ObjectVersion): 'read' | 'notModified' {
  const [match, unmodified] = [headers['if-match'], readDate(headers['if-unmodified-since'])];
  if (match !== undefined) {
    if (!namesEtag(match, version.etag)) throw failed('If-Match');
  } else if (unmodified !== undefined && version.modified > unmodified) {
    throw failed('If-Unmodified-Since');
  }
  const [noneMatch, modified] = [headers['if-none-match'], readDate(headers['if-modified-since'])];
  if (noneMatch !== undefined) return namesEtag(noneMatch, version.etag) ? 'notModified' : 'read';
  return modified !== undefined && version.modified <= modified ? 'notModified' : 'read';
}

/** The same for the source of a copy, whose headers have names of their own and which is never «not modified». */
export function checkCopySource(headers: Headers, source: ObjectVersion): void {
  const renamed = Object.fromEntries(
    ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since'].map((name) => [
      name,
      headers[`x-amz-copy-source-${name}`],
    ]),
  );
  if (checkRead(renamed, source) === 'notModified') throw failed('x-amz-copy-source-If-None-Match');
}

/** A write that depends on what is there: nothing (`If-None-Match: *`), or an object with this ETag. */
export function checkWrite(headers: Headers, current: Version | undefined): void {
  const object = current?.type === 'object' ? current : undefined;
  if (headers['if-none-match'] === '*' && object !== undefined) throw failed('If-None-Match');
  const match = headers['if-match'];
  if (match === undefined) return;
  if (object === undefined) throw new S3Error('NoSuchKey');
  if (!namesEtag(match, object.etag)) throw failed('If-Match');
}

/**
 * The part of an object that `Range` asks for; undefined when it asks for all of it. A range that is
 * not understood, and several at once, are answered with the whole object.
 */
export function readRange(header: string | undefined, version: ObjectVersion): BlobRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || match[0] === 'bytes=-') return undefined;
  const [, first = '', last = ''] = match;
  const { size } = version.blob;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= end) {
    throw new S3Error('InvalidRange', {
      headers: { 'content-range': `bytes */${String(size)}` },
      details: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
    });
  }
  return { blob: version.blob, start, end };
}

const namesEtag = (header: string, etag: string): boolean =>
  header.split(',').some((candidate) => ['*', etag].includes(candidate.trim().replace(/^(W\/)?"|"$/g, '')));

const failed = (condition: string): S3Error =>
  new S3Error('PreconditionFailed', { details: { Condition: condition } });

/** A bucket with MFA delete asks for a token of its owner. Any will do here. */
export function checkToken({ headers }: { readonly headers: Headers }): void {
  if (headers['x-amz-mfa'] !== undefined) return;
  throw new S3Error('AccessDenied', { message: 'Mfa Authentication must be used for this request' });
}
