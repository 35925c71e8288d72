import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Instant } from '../../../base/instant.ts';
import { StepError } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';
import type { WritePlace } from '../../machine/place.ts';
import { FILE_MODE, makeFolder, putInPlace } from '../../machine/place.ts';
import type { S3Client } from '../client/client.ts';
import type { WireResponse } from '../client/transport.ts';
import type { ProvedBy } from './digest.ts';
import { contentCheck, firstPartSize, TELL_CHECKSUMS } from './digest.ts';

export interface Wanted {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly modified?: Instant;
}

export interface Saved {
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
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
  const { key, versionId } = wanted;
  const { path } = place;
  const { partial } = options;
  try {
    await makeFolder(dirname(path));
    const request = { method: 'GET', doing: `get ${key} from ${client.bucket}`, key } as const;
    const saved = await client.read(
      { ...request, query: { versionId }, headers: TELL_CHECKSUMS },
      async (response) => {
        const file = await onDisk(path, () => open(partial, 'w', FILE_MODE));
        try {
          return await receive(
            client,
            wanted,
            response,
            (chunk) => onDisk(path, () => writeAll(file, chunk)),
            {
              withSha256: options.digest !== undefined,
            },
          );
        } finally {
          await onDisk(path, () => file.close());
        }
      },
    );
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

async function receive(
  client: S3Client,
  wanted: Wanted,
  response: WireResponse,
  write: (chunk: Buffer) => Promise<void>,
  { withSha256 }: { readonly withSha256: boolean },
): Promise<Saved> {
  const { headers, message, alive } = response;
  const size = Number(headers['content-length'] ?? Number.NaN);
  const check = await contentCheck(headers, size, () => firstPartSize(client, wanted));
  const sha256 = withSha256 ? createHash('sha256') : undefined;
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    alive();
    check?.update(chunk);
    sha256?.update(chunk);
    bytes += chunk.length;
    await write(chunk);
  }
  if (check !== undefined && !(await check.holds())) throw corrupt(wanted.key);
  const provedBy = check === undefined ? 'size' : 'digest';
  return { bytes, headers, sha256: sha256?.digest('hex'), provedBy };
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
