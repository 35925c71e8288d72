import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { S3Client } from '../client/client.ts';

/**
 * How far content was compared: by a digest that the service keeps, or by sizes alone because it keeps
 * none that says something (with a KMS key an ETag is no digest).
 */
export type ProvedBy = 'digest' | 'size';

/** Is fed the content, and says in the end whether it is what the service says. */
export interface ContentCheck {
  update(chunk: Buffer): void;
  holds(): Promise<boolean>;
}

/** For GET and HEAD: the service tells the checksums that it keeps. */
export const TELL_CHECKSUMS = { 'x-amz-checksum-mode': 'ENABLED' } as const;

type Headers = Readonly<Record<string, string>>;

interface Digest {
  update(chunk: Uint8Array): void;
  digest(): Uint8Array | Promise<Uint8Array>;
}

/** A digest as the service tells it: of the whole, or of its parts' digests. */
interface Stated {
  readonly make: () => Digest | Promise<Digest>;
  readonly value: string;
  readonly encoding: 'hex' | 'base64';
  /** How many parts it was put together from; undefined for a digest of the whole. */
  readonly parts: number | undefined;
}

/** By the name in the header `x-amz-checksum-<name>`; those that Node.js computes come first. */
const CHECKSUMS: Readonly<Record<string, Stated['make']>> = {
  crc32: () => new Crc32(),
  sha256: () => createHash('sha256'),
  sha1: () => createHash('sha1'),
  crc64nvme: async () => new (await import('@aws-sdk/checksums/crc')).Crc64Nvme(),
  crc32c: async () => new (await import('@aws-sdk/checksums/crc')).Crc32c(),
};

/**
 * The check that the headers of an object allow; undefined where they tell sizes alone. `partSize` is asked
 * when the digest is one of parts: how large the first of them is.
 */
export async function contentCheck(
  headers: Headers,
  size: number,
  partSize: () => Promise<number | undefined>,
): Promise<ContentCheck | undefined> {
  const stated = statedDigests(headers);
  const whole = stated.find(({ parts }) => parts === undefined);
  if (whole !== undefined) return checkOf(whole, await whole.make());
  const [composite] = stated;
  if (composite === undefined) return undefined;
  const part = await partSize();
  // Parts of different sizes cannot be told apart from outside.
  if (part === undefined || part <= 0 || Math.ceil(size / part) !== composite.parts) return undefined;
  const digests = await Promise.all(
    Array.from({ length: composite.parts + 1 }, async () => composite.make()),
  );
  return checkOf(composite, new InParts(digests, part));
}

/** Of a multipart object: how large its first part is; undefined where the service does not tell. */
export async function firstPartSize(
  client: S3Client,
  { key, versionId }: { readonly key: string; readonly versionId?: string | undefined },
): Promise<number | undefined> {
  const query = { partNumber: '1', versionId };
  const answer = await client.attempt({ method: 'HEAD', doing: `look at the parts of ${key}`, key, query });
  if ('refusal' in answer || answer.headers['x-amz-mp-parts-count'] === undefined) return undefined;
  return Number(answer.headers['content-length']);
}

/** Holds a file against an object of the same size. Reads all of it where a digest can be compared. */
export async function compareFile(
  client: S3Client,
  object: { readonly key: string; readonly size: number; readonly etag: string },
  path: string,
): Promise<ProvedBy | 'different'> {
  const { key, size } = object;
  // An ETag that fits says enough; one that does not may be none of the content.
  const listed = await contentCheck({ etag: object.etag }, size, () => Promise.resolve(undefined));
  if (listed !== undefined && (await feed(listed, path))) return 'digest';
  const { headers } = await client.send({
    method: 'HEAD',
    doing: `look at ${key}`,
    key,
    headers: TELL_CHECKSUMS,
  });
  const check = await contentCheck(headers, size, () => firstPartSize(client, object));
  if (check === undefined) return 'size';
  return (await feed(check, path)) ? 'digest' : 'different';
}

async function feed(check: ContentCheck, path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 }))
    check.update(chunk as Buffer);
  return check.holds();
}

function statedDigests(headers: Headers): readonly Stated[] {
  const [, md5 = '', parts] = /^"?([\da-f]{32})(?:-(\d+))?"?$/.exec(headers['etag'] ?? '') ?? [];
  const etag: Stated = { make: () => createHash('md5'), value: md5, encoding: 'hex', parts: count(parts) };
  const checksums = Object.entries(CHECKSUMS).flatMap(([name, make]): readonly Stated[] => {
    const [value, ofParts] = (headers[`x-amz-checksum-${name}`] ?? '').split('-');
    if (value === undefined || value === '') return [];
    const isComposite = ofParts !== undefined || headers['x-amz-checksum-type'] === 'COMPOSITE';
    return [{ make, value, encoding: 'base64', parts: isComposite ? Number(ofParts) : undefined }];
  });
  return [...(md5 === '' || isKeyed(headers) ? [] : [etag]), ...checksums];
}

const count = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** Encrypted with a key of KMS or of a customer: the ETag is no digest of the content. */
const isKeyed = (headers: Headers): boolean =>
  (headers['x-amz-server-side-encryption'] ?? '').startsWith('aws:kms') ||
  headers['x-amz-server-side-encryption-customer-algorithm'] !== undefined;

const checkOf = ({ value, encoding }: Stated, digest: Digest): ContentCheck => ({
  update: (chunk) => {
    digest.update(chunk);
  },
  holds: async () => Buffer.from(await digest.digest()).toString(encoding) === value,
});

/** The digest of the parts' digests, the parts being of one size but for the last. */
class InParts implements Digest {
  readonly #parts: readonly Digest[];
  readonly #whole: Digest | undefined;
  readonly #size: number;
  #at = 0;

  /** One digest for each part, and one for the whole. */
  constructor(digests: readonly Digest[], size: number) {
    this.#parts = digests.slice(0, -1);
    this.#whole = digests.at(-1);
    this.#size = size;
  }

  update(chunk: Uint8Array): void {
    for (let from = 0; from < chunk.length;) {
      const index = Math.floor(this.#at / this.#size);
      const length = Math.min(chunk.length - from, (index + 1) * this.#size - this.#at);
      this.#parts[index]?.update(chunk.subarray(from, from + length));
      from += length;
      this.#at += length;
    }
  }

  async digest(): Promise<Uint8Array> {
    for (const part of this.#parts) this.#whole?.update(await part.digest());
    return (await this.#whole?.digest()) ?? new Uint8Array();
  }
}

class Crc32 implements Digest {
  #value = 0;

  update(chunk: Uint8Array): void {
    this.#value = crc32(chunk, this.#value);
  }

  digest(): Uint8Array {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#value);
    return bytes;
  }
}
