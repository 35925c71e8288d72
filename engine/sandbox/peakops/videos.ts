import { SignatureV4 } from '@smithy/signature-v4';
import { NodeSha256, sha256 } from '../s3/signature.ts';
import { encodeStrictly } from '../s3/request.ts';

const TIMEOUT_MS = 5000;

/** Where the application keeps its videos: the bucket that its variables name. */
export class Videos {
  readonly #endpoint: URL;
  readonly #bucket: string;
  readonly #signer: SignatureV4;
  #region: string;

  private constructor(environment: ReadonlyMap<string, string>, bucket: string) {
    const variable = (name: string): string => environment.get(name) ?? '';
    this.#bucket = bucket;
    this.#endpoint = new URL(variable('AWS_S3_ENDPOINT_URL'));
    this.#region = variable('AWS_S3_REGION_NAME');
    this.#signer = new SignatureV4({
      credentials: {
        accessKeyId: variable('AWS_ACCESS_KEY_ID'),
        secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
      },
      region: this.#region,
      service: 's3',
      sha256: NodeSha256,
      uriEscapePath: false,
    });
  }

  /** Undefined when the variables name no bucket. */
  static open(environment: ReadonlyMap<string, string>): Videos | undefined {
    const bucket = environment.get('AWS_STORAGE_BUCKET_NAME') ?? '';
    return bucket === '' ? undefined : new Videos(environment, bucket);
  }

  /** Rejects unless S3 has confirmed that it has it. */
  async put(key: string, body: Buffer): Promise<void> {
    await this.#send('PUT', key, body);
  }

  /** The bytes of a video; rejects with S3's code when it cannot be read. */
  async size(key: string): Promise<number> {
    const response = await this.#send('GET', key);
    return (await response.arrayBuffer()).byteLength;
  }

  async #send(method: string, key: string, body?: Buffer): Promise<Response> {
    const response = await this.#request(method, key, body);
    if (response.ok) return response;
    const text = await response.text();
    const region = response.headers.get('x-amz-bucket-region');
    if (response.status === 301 && region !== null && region !== this.#region) {
      // As the AWS libraries do: a bucket is found in its region, whatever the variables say.
      this.#region = region;
      return await this.#send(method, key, body);
    }
    const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? String(response.status);
    throw new Error(`${code}: ${method} ${this.#bucket}/${key}`);
  }

  async #request(method: string, key: string, body?: Buffer): Promise<Response> {
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
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: new Uint8Array(body) }),
    });
  }
}
