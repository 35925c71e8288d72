import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Instant } from '../../../base/instant.ts';
import { StepError } from '../../../model/kind.ts';
import type { WritePlace } from '../../machine/place.ts';
import { FILE_MODE, makeFolder, putInPlace } from '../../machine/place.ts';
import type { S3Client } from '../client/client.ts';
import type { WireResponse } from '../client/transport.ts';

export interface Wanted {
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly modified?: Instant;
}

export interface Saved {
  readonly bytes: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly sha256: string | undefined;
}

/**
 * Saves an object as a file, which is there only when it is whole: what comes is written beside it,
 * counted, held against the ETag where that is a digest, and renamed.
 */
export async function download(
  client: S3Client,
  wanted: Wanted,
  place: WritePlace,
  options: { readonly digest?: 'sha256' } = {},
): Promise<Saved> {
  const { key, versionId } = wanted;
  const { path } = place;
  const partial = `${path}.part`;
  try {
    await makeFolder(dirname(path));
    await rm(partial, { force: true });
    const saved = await client.read(
      { method: 'GET', doing: `get ${key} from ${client.bucket}`, key, query: { versionId } },
      async (response) => {
        const file = await open(partial, 'w', FILE_MODE);
        try {
          return await receive(response, file, key, options.digest !== undefined);
        } finally {
          await file.close();
        }
      },
    );
    if (wanted.modified !== undefined) {
      const seconds = wanted.modified.epochMillis / 1000;
      await utimes(partial, seconds, seconds);
    }
    await putInPlace(partial, place);
    return saved;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw fileError(error, path);
  }
}

async function receive(
  response: WireResponse,
  file: FileHandle,
  key: string,
  withSha256: boolean,
): Promise<Saved> {
  const { headers, message, alive } = response;
  const md5 = createHash('md5');
  const sha256 = withSha256 ? createHash('sha256') : undefined;
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    alive();
    md5.update(chunk);
    sha256?.update(chunk);
    bytes += chunk.length;
    await writeAll(file, chunk);
  }
  const etag = (headers['etag'] ?? '').replaceAll('"', '');
  const isDigest =
    /^[\da-f]{32}$/.test(etag) && !(headers['x-amz-server-side-encryption'] ?? '').startsWith('aws:kms');
  if (isDigest && etag !== md5.digest('hex')) {
    throw new StepError(`${key} came with another content than its ETag says`, {
      code: 'corrupt',
      retryable: true,
    });
  }
  return { bytes, headers, sha256: sha256?.digest('hex') };
}

async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  try {
    for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
  } catch (error) {
    throw fileError(error, 'the file');
  }
}

const DISK: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EISDIR: 'there is a folder in its place',
  ENOTDIR: 'there is a file in the place of its folder',
  EEXIST: 'there is a file in the place of its folder',
  ENAMETOOLONG: 'its name is too long for this disk',
};

/** Words for a file that could not be written; anything else as it is. */
function fileError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = DISK[code];
  if (error instanceof StepError || reason === undefined) return error;
  return new StepError(`${path} could not be written: ${reason}`, {
    code,
    hint:
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'Make room, or choose another place, and try again: whole files are kept.'
        : 'Choose another place for it.',
    cause: error,
  });
}
