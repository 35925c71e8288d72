import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { StepError } from '../../model/kind.ts';
import { fileError } from '../machine/errors.ts';
import type { WritePlace } from '../machine/place.ts';
import { FILE_MODE, makeFolder, putInPlace } from '../machine/place.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';
import { flatten, stream } from './transport.ts';

const MAX_SENT = 256 * 1024 * 1024;

/** An answer kept in a file. */
export interface Stored {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * A request whose answer goes to a file, however long it is; the first `maxBytes` of it are in the response too. The
 * time limit is then for a silence. `partial`: where it is written until it is whole. What was there is replaced once the answer is whole.
 */
export async function storedExchange(
  request: Omit<HttpRequest, 'maxBytes'>,
  place: WritePlace,
  partial: string,
  maxBytes: number,
): Promise<HttpResponse & { readonly stored: Stored }> {
  const { path } = place;
  await makeFolder(dirname(path));
  try {
    return await stream(request, async (response) => {
      const hash = createHash('sha256');
      const kept: Buffer[] = [];
      let bytes = 0;
      const meter = new Transform({
        transform(chunk: Buffer, _encoding, callback) {
          hash.update(chunk);
          if (bytes < maxBytes) kept.push(chunk.subarray(0, maxBytes - bytes));
          bytes += chunk.length;
          callback(null, chunk);
        },
      });
      await pipeline(response, meter, createWriteStream(partial, { mode: FILE_MODE }), {
        signal: request.signal,
      }).catch((cause: unknown) => {
        throw fileError(cause, path, { doing: 'write', changed: 'maybe' }) ?? cause;
      });
      await putInPlace(partial, place);
      return {
        status: response.statusCode ?? 0,
        headers: flatten(response.headers),
        body: Buffer.concat(kept),
        truncated: bytes > maxBytes,
        stored: { path, bytes, sha256: hash.digest('hex') },
      };
    });
  } finally {
    await rm(partial, { force: true });
  }
}

/** What a file holds, to be sent. */
export async function fileBody(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).size <= MAX_SENT) return await readFile(path);
  } catch (cause) {
    throw fileError(cause, path, { doing: 'read' }) ?? cause;
  }
  throw new StepError(`${path} has more than ${String(MAX_SENT)} bytes, too many for one request`, {
    code: 'tooLarge',
  });
}
