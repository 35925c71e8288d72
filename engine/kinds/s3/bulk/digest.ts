import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
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

/** What an object's answer tells of its content; checksums are told to HEAD, and where it is asked for them. */
type Described = Pick<
  HeadObjectCommandOutput,
  | 'ETag'
  | 'ChecksumType'
  | 'ServerSideEncryption'
  | 'SSECustomerAlgorithm'
  | `Checksum${keyof typeof CHECKSUMS}`
>;

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

/** By the SDK's name, `Checksum<name>`; those that Node.js computes come first. */
const CHECKSUMS = {
  CRC32: () => new Crc32(),
  SHA256: () => createHash('sha256'),
  SHA1: () => createHash('sha1'),
  CRC64NVME: async () => new (await import('@aws-sdk/checksums/crc')).Crc64Nvme(),
  CRC32C: async () => new (await import('@aws-sdk/checksums/crc')).Crc32c(),
} as const satisfies Readonly<Record<string, Stated['make']>>;

/** An object, or a version of one. */
interface Which {
  readonly key: string;
  readonly versionId?: string | undefined;
}

/**
 * The check for the content of an object that is being read; undefined where the service tells sizes alone. What
 * its ETag does not say is asked for.
 */
export async function contentCheck(
  client: S3Client,
  which: Which,
  answer: Described & {
    readonly ContentLength?: number | undefined;
    readonly VersionId?: string | undefined;
  },
): Promise<ContentCheck | undefined> {
  const byEtag = await etagCheck(answer);
  if (byEtag !== undefined) return byEtag;
  // Of the very version that is coming: another may be current by now.
  const same = { key: which.key, versionId: answer.VersionId ?? which.versionId };
  return statedCheck(client, same, answer.ContentLength ?? Number.NaN);
}

/** Holds a file against an object of the same size. Reads all of it where a digest can be compared. */
export async function compareFile(
  client: S3Client,
  object: { readonly key: string; readonly size: number; readonly etag: string },
  path: string,
): Promise<ProvedBy | 'different'> {
  // An ETag that fits says enough; one that does not may be none of the content.
  const listed = await etagCheck({ ETag: object.etag });
  if (listed !== undefined && (await feed(listed, path))) return 'digest';
  const check = await statedCheck(client, object, object.size);
  if (check === undefined) return 'size';
  return (await feed(check, path)) ? 'digest' : 'different';
}

/** By the ETag alone, where it is the digest of the whole. */
async function etagCheck(described: Described): Promise<ContentCheck | undefined> {
  const whole = statedDigests(described).find(({ parts }) => parts === undefined);
  return whole === undefined ? undefined : checkOf(whole, await whole.make());
}

/** By all that the service keeps: asks for it. */
async function statedCheck(client: S3Client, which: Which, size: number): Promise<ContentCheck | undefined> {
  const input = { ...client.ownBucket, Key: which.key, VersionId: which.versionId };
  const head = await client.ask(`look at ${which.key}`, (s3, http) =>
    s3.headObject({ ...input, ChecksumMode: 'ENABLED' }, http),
  );
  const stated = statedDigests(head);
  const whole = stated.find(({ parts }) => parts === undefined);
  if (whole !== undefined) return checkOf(whole, await whole.make());
  const [composite] = stated;
  if (composite === undefined) return undefined;
  const first = await client.attempt((s3, http) => s3.headObject({ ...input, PartNumber: 1 }, http));
  if ('refusal' in first || first.value.PartsCount === undefined) return undefined;
  const part = first.value.ContentLength ?? 0;
  // Parts of different sizes cannot be told apart from outside.
  if (part <= 0 || Math.ceil(size / part) !== composite.parts) return undefined;
  const digests = await Promise.all(
    Array.from({ length: composite.parts + 1 }, async () => composite.make()),
  );
  return checkOf(composite, new InParts(digests, part));
}

async function feed(check: ContentCheck, path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 ** 2 }))
    check.update(chunk as Buffer);
  return check.holds();
}

function statedDigests(described: Described): readonly Stated[] {
  const [, md5 = '', parts] = /^"?([\da-f]{32})(?:-(\d+))?"?$/.exec(described.ETag ?? '') ?? [];
  const etag: Stated = { make: () => createHash('md5'), value: md5, encoding: 'hex', parts: count(parts) };
  const checksums = Object.entries(CHECKSUMS).flatMap(([name, make]): readonly Stated[] => {
    const [value, ofParts] = (described[`Checksum${name as keyof typeof CHECKSUMS}`] ?? '').split('-');
    if (value === undefined || value === '') return [];
    const isComposite = ofParts !== undefined || described.ChecksumType === 'COMPOSITE';
    return [{ make, value, encoding: 'base64', parts: isComposite ? Number(ofParts) : undefined }];
  });
  return [...(md5 === '' || isKeyed(described) ? [] : [etag]), ...checksums];
}

const count = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** Encrypted with a key of KMS or of a customer: the ETag is no digest of the content. */
const isKeyed = ({ ServerSideEncryption = 'AES256', SSECustomerAlgorithm }: Described): boolean =>
  ServerSideEncryption.startsWith('aws:kms') || SSECustomerAlgorithm !== undefined;

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
