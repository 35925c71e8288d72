import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256, sha256 } from './signature.ts';
import { encodeStrictly } from './request.ts';

const TIMEOUT_MS = 5000;

/** Where a bucket is, and as whom it is asked. */
export interface BucketPlace {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What an application does with a bucket over HTTP, as those who use AWS's libraries do. */
export class BucketClient {
  readonly #endpoint: URL;
  readonly #bucket: string;
  readonly #signer: SignatureV4;
  #region: string;

  constructor({ endpoint, region, bucket, accessKeyId, secretAccessKey }: BucketPlace) {
    this.#bucket = bucket;
    this.#endpoint = new URL(endpoint);
    this.#region = region;
    this.#signer = new SignatureV4({
      credentials: { accessKeyId, secretAccessKey },
      region,
      service: 's3',
      sha256: NodeSha256,
      uriEscapePath: false,
    });
  }

  /** Rejects unless S3 has confirmed that it has it. */
  async put(key: string, body: Buffer, signal?: AbortSignal): Promise<void> {
    await this.#send('PUT', key, body, signal);
  }

  /** How many bytes an object has; rejects with S3's code when it cannot be read. */
  async size(key: string): Promise<number> {
    const response = await this.#send('GET', key);
    return (await response.arrayBuffer()).byteLength;
  }

  async #send(method: string, key: string, body?: Buffer, signal?: AbortSignal): Promise<Response> {
    const response = await this.#request(method, key, body, signal);
    if (response.ok) return response;
    const text = await response.text();
    const region = response.headers.get('x-amz-bucket-region');
    if (response.status === 301 && region !== null && region !== this.#region) {
      // As the AWS libraries do: a bucket is found in its region, whatever its user says.
      this.#region = region;
      return await this.#send(method, key, body, signal);
    }
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? String(response.status);
    throw new Error(`${code}: ${method} ${this.#bucket}/${key}`);
  }

  async #request(method: string, key: string, body?: Buffer, signal?: AbortSignal): Promise<Response> {
    const path = [this.#bucket, ...key.split('/')].map((part) => `/${encodeStrictly(part)}`).join('');
    const { headers } = await this.#signer.sign(
      {
        method,
        protocol: 'http:',
        hostname: this.#endpoint.hostname,
        path,
        headers: { host: this.#endpoint.host, 'x-amz-content-sha256': sha256(body ?? '') },
      },
      { signingRegion: this.#region },
    );
    return await fetch(new URL(path, this.#endpoint), {
      method,
      headers,
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]),
      ...(body !== undefined && { body: new Uint8Array(body) }),
    });
  }
}

/** MD5 of its bytes, in hexadecimal: what S3 gives as the ETag of an object that was put at once. */
export const digestOf = (body: Buffer): string => createHash('md5').update(body).digest('hex');
