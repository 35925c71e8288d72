import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import type { Instant } from '../../../base/instant.ts';
import { StepError } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';
import type { WritePlace } from '../../machine/place.ts';
import { FILE_MODE, makeFolder, putInPlace } from '../../machine/place.ts';
import type { S3Client } from '../client/client.ts';
import { notS3 } from '../client/errors.ts';
import type { ProvedBy } from './digest.ts';
import { contentCheck } from './digest.ts';

export interface Wanted {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly modified?: Instant;
}

export interface Saved {
  readonly bytes: number;
  /** What the service told of it. */
  readonly object: GetObjectCommandOutput;
  readonly sha256: string | undefined;
  readonly provedBy: ProvedBy;
}

/**
 * Saves an object as a file, which is there only when it is whole: what comes is written to `partial`,
 * counted, held against the digest that the service tells, and renamed.
 */
export async function download(
  client: S3Client,
  wanted: Wanted,
  place: WritePlace,
  options: { readonly partial: string; readonly digest?: 'sha256' },
): Promise<Saved> {
  const { path } = place;
  const { partial } = options;
  try {
    await makeFolder(dirname(path));
    const saved = await client.read(wanted, async (object) => {
      const file = await onDisk(path, () => open(partial, 'w', FILE_MODE));
      const write = (chunk: Buffer): Promise<void> => onDisk(path, () => writeAll(file, chunk));
      try {
        return await receive(client, wanted, object, write, { withSha256: options.digest !== undefined });
      } finally {
        await onDisk(path, () => file.close());
      }
    });
    await onDisk(path, async () => {
      if (wanted.modified !== undefined) {
        const seconds = wanted.modified.epochMillis / 1000;
        await utimes(partial, seconds, seconds);
      }
      await putInPlace(partial, place);
    });
    return saved;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Reads what comes of an object, and holds it against the digest that the service tells. */
export async function receive(
  client: S3Client,
  wanted: Wanted,
  object: GetObjectCommandOutput,
  write: (chunk: Buffer) => Promise<void>,
  { withSha256 }: { readonly withSha256: boolean },
): Promise<Saved> {
  const body = bodyOf(client, object);
  const check = await contentCheck(client, wanted, object);
  const sha256 = withSha256 ? createHash('sha256') : undefined;
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    check?.update(chunk);
    sha256?.update(chunk);
    bytes += chunk.length;
    await write(chunk);
  }
  if (check !== undefined && !(await check.holds())) throw corrupt(wanted.key);
  const provedBy = check === undefined ? 'size' : 'digest';
  return { bytes, object, sha256: sha256?.digest('hex'), provedBy };
}

/** The content as it comes; in Node.js the SDK gives it as a stream. */
export function bodyOf(client: S3Client, { Body }: GetObjectCommandOutput): Readable {
  if (Body instanceof Readable) return Body;
  throw notS3(client.host);
}

export const corrupt = (key: string): StepError =>
  new StepError(`${key} came with another content than the service's digest of it says`, {
    code: 'corrupt',
    retryable: true,
  });

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
}

/** Does something with a file: what the disk refuses is told as that, and never taken for the network. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof StepError ? error : (fileError(error, path, { doing: 'write' }) ?? error);
  }
}
