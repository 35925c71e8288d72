import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c } from '../ground/crc32c.ts';
import { S3Error } from './errors.ts';

/** By the name in the header `x-amz-checksum-<name>`. */
export const CHECKSUMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;

export type ChecksumName = (typeof CHECKSUMS)[number];

/** A checksum as it is sent and returned: in base64. */
export interface Checksum {
  readonly name: ChecksumName;
  readonly value: string;
}

interface Digest {
  update(chunk: Buffer): void;
  /** In base64. */
  digest(): string;
}

/** CRC-64/NVME is kept and returned, and not computed: in JavaScript it would cost more than all the rest. */
function digestOf(name: ChecksumName): Digest | undefined {
  switch (name) {
    case 'crc32':
      return crc((value, chunk) => crc32(chunk, value));
    case 'crc32c':
      return crc(crc32c);
    case 'sha1':
    case 'sha256':
      return fromHash(createHash(name));
    case 'crc64nvme':
      return undefined;
  }
}

/** The checksum that a request's headers (or trailers) name, if any. */
export function checksumIn(headers: Readonly<Record<string, string | undefined>>): Checksum | undefined {
  for (const name of CHECKSUMS) {
    const value = headers[`x-amz-checksum-${name}`];
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

/** What is told about a body, to be held against the body itself while it streams by. */
export class Verification {
  readonly #digests: {
    readonly digest: Digest;
    readonly expected: () => string | undefined;
    readonly error: S3Error;
  }[] = [];

  constructor(
    headers: Readonly<Record<string, string | undefined>>,
    trailers: () => Readonly<Record<string, string>>,
  ) {
    const md5 = headers['content-md5'];
    if (md5 !== undefined) {
      if (Buffer.from(md5, 'base64').length !== 16) throw new S3Error('InvalidDigest');
      this.#add(fromHash(createHash('md5')), () => md5, new S3Error('BadDigest'));
    }
    const announced = headers['x-amz-trailer'] ?? '';
    const name =
      checksumIn(headers)?.name ?? CHECKSUMS.find((known) => announced === `x-amz-checksum-${known}`);
    const digest = name === undefined ? undefined : digestOf(name);
    if (name !== undefined && digest !== undefined) {
      const header = `x-amz-checksum-${name}`;
      const message = `The ${name.toUpperCase()} you specified did not match the calculated checksum.`;
      this.#add(digest, () => headers[header] ?? trailers()[header], new S3Error('BadDigest', { message }));
    }
    const hash = headers['x-amz-content-sha256'];
    if (hash !== undefined && /^[0-9a-f]{64}$/.test(hash)) {
      const expected = Buffer.from(hash, 'hex').toString('base64');
      this.#add(fromHash(createHash('sha256')), () => expected, new S3Error('XAmzContentSHA256Mismatch'));
    }
  }

  update(chunk: Buffer): void {
    for (const { digest } of this.#digests) digest.update(chunk);
  }

  /** Throws when the body was another than announced. */
  finish(): void {
    for (const { digest, expected, error } of this.#digests) {
      if (digest.digest() !== expected()) throw error;
    }
  }

  #add(digest: Digest, expected: () => string | undefined, error: S3Error): void {
    this.#digests.push({ digest, expected, error });
  }
}

/** The checksum of a multipart object over those of its parts; undefined when a part has none of that name. */
export function compositeChecksum(parts: readonly (Checksum | undefined)[]): Checksum | undefined {
  const name = parts[0]?.name;
  const digest = name === undefined ? undefined : digestOf(name);
  if (name === undefined || digest === undefined) return undefined;
  for (const part of parts) {
    if (part?.name !== name) return undefined;
    digest.update(Buffer.from(part.value, 'base64'));
  }
  return { name, value: `${digest.digest()}-${String(parts.length)}` };
}

const fromHash = (hash: Hash): Digest => ({
  update: (chunk) => void hash.update(chunk),
  digest: () => hash.digest('base64'),
});

function crc(step: (value: number, chunk: Buffer) => number): Digest {
  let value = 0;
  return {
    update: (chunk) => (value = step(value, chunk)),
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes.toString('base64');
    },
  };
}
