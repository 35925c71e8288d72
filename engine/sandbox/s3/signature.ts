import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4, getCanonicalHeaders, getCanonicalQuery } from '@smithy/signature-v4';
import type { Account } from './accounts.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const CLOCK_SKEW_MS = 15 * 60_000;
const MAX_EXPIRES_S = 7 * 24 * 3600;

/** Who makes a request, and what the chunks of its body are signed with. */
export interface Caller {
  readonly account: Account;
  /** What the request was signed for: the endpoint that it would have gone to. */
  readonly region: string;
  readonly service: string;
  readonly signature: string;
  /** A signature over the algorithm, the request's time and scope, and these lines: for chunks of the body. */
  sign(algorithm: string, rest: readonly string[]): Promise<string>;
}

interface Claim {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** When the request was signed, `yyyymmddThhmmssZ`. */
  readonly at: string;
  readonly payloadHash: string;
  readonly presigned: boolean;
  readonly token: string | undefined;
}

/** Checks the signature of a request, in its header or its query, by computing it anew. */
export async function authenticate(
  request: S3Request,
  accounts: readonly Account[],
  now: Date,
): Promise<Caller> {
  const claim = request.query.has('X-Amz-Signature') ? readPresigned(request, now) : readHeader(request, now);
  const account = accounts.find(
    ({ accessKeyId, revoked }) => accessKeyId === claim.accessKeyId && revoked !== true,
  );
  if (account === undefined) {
    throw new S3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: claim.accessKeyId } });
  }
  if (account.sessionToken !== claim.token) throw new S3Error('InvalidToken');
  if (account.expires !== undefined && account.expires <= now) throw new S3Error('ExpiredToken');
  const sign = signerFor(account, claim);
  const expected = await sign(ALGORITHM, [sha256(canonicalRequest(request, claim))]);
  if (!equal(expected, claim.signature)) {
    throw new S3Error('SignatureDoesNotMatch', {
      details: { AWSAccessKeyId: claim.accessKeyId, SignatureProvided: claim.signature },
    });
  }
  return { account, region: claim.region, service: claim.service, signature: claim.signature, sign };
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

export function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function signerFor(account: Account, claim: Claim): Caller['sign'] {
  const { date, region, service, at } = claim;
  const { accessKeyId, secretAccessKey } = account;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: NodeSha256,
  });
  const scope = `${date}/${region}/${service}/aws4_request`;
  return (algorithm, rest) =>
    signer.sign([algorithm, at, scope, ...rest].join('\n'), { signingDate: readTime(at) ?? new Date(0) });
}

function readHeader(request: S3Request, now: Date): Claim {
  const header = request.headers['authorization'];
  if (header === undefined) throw new S3Error('AccessDenied');
  const fields =
    /^AWS4-HMAC-SHA256\s+Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  if (fields === null) throw new S3Error('AuthorizationHeaderMalformed');
  const [, credential = '', signedHeaders = '', signature = ''] = fields;
  const at = request.headers['x-amz-date'] ?? basicTime(request.headers['date']);
  const time = readTime(at);
  if (time === undefined) {
    throw new S3Error('AccessDenied', {
      message: 'AWS authentication requires a valid Date or x-amz-date header',
    });
  }
  if (Math.abs(time.getTime() - now.getTime()) > CLOCK_SKEW_MS) {
    throw new S3Error('RequestTimeTooSkewed', {
      details: { RequestTime: at, ServerTime: now.toISOString() },
    });
  }
  const names = signedHeaders.split(';');
  return {
    ...readCredential(credential, 'AuthorizationHeaderMalformed'),
    at,
    signature,
    signedHeaders: names,
    payloadHash: payloadHash(request),
    presigned: false,
    token: request.headers['x-amz-security-token'],
  };
}

function readPresigned(request: S3Request, now: Date): Claim {
  const parameter = (name: string): string => request.query.get(`X-Amz-${name}`) ?? '';
  const at = parameter('Date');
  const expires = Number(parameter('Expires'));
  const time = readTime(at);
  if (
    parameter('Algorithm') !== ALGORITHM ||
    time === undefined ||
    !(expires > 0 && expires <= MAX_EXPIRES_S)
  ) {
    throw new S3Error('AuthorizationQueryParametersError');
  }
  if (now.getTime() > time.getTime() + expires * 1000) {
    throw new S3Error('AccessDenied', { message: 'Request has expired' });
  }
  return {
    ...readCredential(parameter('Credential'), 'AuthorizationQueryParametersError'),
    at,
    signature: parameter('Signature'),
    signedHeaders: parameter('SignedHeaders').split(';'),
    payloadHash: request.query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
    presigned: true,
    token: request.query.get('X-Amz-Security-Token'),
  };
}

/** Every request says what its body hashes to, or that it does not say. */
function payloadHash(request: S3Request): string {
  const hash = request.headers['x-amz-content-sha256'];
  if (hash === undefined) {
    throw new S3Error('InvalidRequest', {
      message: 'Missing required header for this request: x-amz-content-sha256',
    });
  }
  return hash;
}

function readCredential(
  text: string,
  code: 'AuthorizationHeaderMalformed' | 'AuthorizationQueryParametersError',
): Pick<Claim, 'accessKeyId' | 'date' | 'region' | 'service'> {
  const [accessKeyId, date, region, service, end, ...more] = text.split('/');
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined) {
    throw new S3Error(code);
  }
  if (end !== 'aws4_request' || more.length > 0) throw new S3Error(code);
  return { accessKeyId, date, region, service };
}

function canonicalRequest(request: S3Request, claim: Claim): string {
  const names = new Set(claim.signedHeaders);
  const headers: Record<string, string> = {};
  for (const name of names) headers[name] = request.headers[name] ?? '';
  const query = Object.fromEntries(
    [...request.query].filter(([name]) => !(claim.presigned && name === 'X-Amz-Signature')),
  );
  const described: Parameters<typeof getCanonicalHeaders>[0] = {
    method: request.method,
    protocol: 'http:',
    hostname: request.headers['host'] ?? '',
    path: request.canonicalPath,
    headers,
    query,
  };
  // By name, or those that a client usually leaves out would be left out here although it signed them.
  const canonical = getCanonicalHeaders(described, undefined, names);
  return [
    request.method,
    request.canonicalPath,
    getCanonicalQuery(described),
    ...[...names].map((name) => `${name}:${canonical[name] ?? ''}`),
    '',
    claim.signedHeaders.join(';'),
    claim.payloadHash,
  ].join('\n');
}

function readTime(text: string): Date | undefined {
  const fields = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (fields === null) return undefined;
  const [, year, month, day, hour, minute, second] = fields.map(Number);
  return new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second));
}

function basicTime(header: string | undefined): string {
  const time = new Date(header ?? '');
  return Number.isNaN(time.getTime()) ? '' : time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The signer's hash, by Node: the one in JavaScript takes most of the time of a small request. */
export class NodeSha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (data instanceof ArrayBuffer) return Buffer.from(data);
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
