import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

const MAX_KEY_BYTES = 1024;
/** Hosts that carry a bucket in front of them. */
const VIRTUAL_HOST =
  /^(.+)\.(?:s3[.-][a-z0-9-]+\.amazonaws\.com|s3\.amazonaws\.com|s3\.localhost|localhost)$/;

/** A request taken apart, before it is known whether it may be made. */
export interface S3Request {
  readonly method: string;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  /** The path as signatures see it: decoded and encoded anew. */
  readonly canonicalPath: string;
  readonly query: ReadonlyMap<string, string>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: AsyncIterable<Buffer>;
}

export function readRequest(incoming: IncomingMessage): S3Request {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const path = decodePath(mark < 0 ? target : target.slice(0, mark));
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const { bucket, key } = address(path, headers['host'] ?? '');
  if (key !== undefined && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', { details: { MaxSizeAllowed: String(MAX_KEY_BYTES) } });
  }
  return {
    method: incoming.method ?? 'GET',
    bucket,
    key,
    canonicalPath: path.split('/').map(encodeStrictly).join('/'),
    query: new Map(mark < 0 ? [] : new URLSearchParams(target.slice(mark + 1))),
    headers,
    body: incoming as AsyncIterable<Buffer>,
  };
}

/** Percent-encoding of RFC 3986, which signatures use: `encodeURIComponent` leaves some marks as they are. */
export const encodeStrictly = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Error('InvalidURI', { details: { URI: path } });
  }
}

/** Bucket and key, from the host (`videos.localhost`) or from the first segment of the path. */
function address(path: string, host: string): { bucket: string | undefined; key: string | undefined } {
  const inHost = VIRTUAL_HOST.exec(host.replace(/:\d+$/, ''))?.[1];
  if (inHost !== undefined && inHost !== 's3') return { bucket: inHost, key: nonEmpty(path.slice(1)) };
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return { bucket: nonEmpty(bucket), key: nonEmpty(key) };
}

const nonEmpty = (text: string): string | undefined => (text === '' ? undefined : text);
