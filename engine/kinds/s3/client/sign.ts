import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Unsigned {
  readonly method: string;
  /** As it goes over the wire: encoded by `encodePath`. */
  readonly path: string;
  /** Encoded and sorted by `encodeQuery`; empty when there is none. */
  readonly query: string;
  /** Names in small letters; `host` among them. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
/** Headers go over the wire as Latin-1, and as such they are signed. */
const sha256 = (text: string, encoding: 'utf8' | 'latin1' = 'utf8'): string =>
  createHash('sha256').update(text, encoding).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const HASH_OF_NOTHING = sha256('');

/**
 * Signature version 4 for S3, which unlike other services encodes a path once and takes it as it is.
 * The key depends on the day and not on the request, so a request costs three digests.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export class Signer {
  readonly #credentials: Credentials;
  readonly #region: string;
  #day = '';
  #key: Buffer = Buffer.alloc(0);

  constructor(credentials: Credentials, region: string) {
    this.#credentials = credentials;
    this.#region = region;
  }

  /** The headers to send, the signature among them. `at`: milliseconds since the epoch. */
  sign(request: Unsigned, at: number): Record<string, string> {
    const { accessKeyId, sessionToken } = this.#credentials;
    const moment = new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
    const day = moment.slice(0, 8);
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const bodyHash = request.body === undefined ? HASH_OF_NOTHING : sha256(request.body);
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': bodyHash,
      'x-amz-date': moment,
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
    };
    const names = Object.keys(headers).sort();
    const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`);
    const signed = names.join(';');
    const canonical = [request.method, request.path, request.query, lines.join(''), signed, bodyHash];
    const toSign = `${ALGORITHM}\n${moment}\n${scope}\n${sha256(canonical.join('\n'), 'latin1')}`;
    const signature = createHmac('sha256', this.#keyOf(day)).update(toSign).digest('hex');
    headers['authorization'] =
      `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`;
    return headers;
  }

  #keyOf(day: string): Buffer {
    if (day !== this.#day) {
      const dated = hmac(`AWS4${this.#credentials.secretAccessKey}`, day);
      this.#key = hmac(hmac(hmac(dated, this.#region), 's3'), 'aws4_request');
      this.#day = day;
    }
    return this.#key;
  }
}

/** Everything but RFC 3986's unreserved characters; a key's slashes stay. */
export function encodePath(path: string): string {
  return path.split('/').map(encodePart).join('/');
}

export function encodeQuery(query: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(query)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`)
    .sort()
    .join('&');
}

const encodePart = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
