import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const READ_BYTES = 256 * 1024;

/** Bytes on disk, never changed once written: a part of a multipart upload stays a file of its own. */
export interface Blob {
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly size: number;
}

/** The bytes of objects, as files in one folder. */
export class BlobStore {
  readonly #folder: string;
  #next = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<BlobStore> {
    await mkdir(folder, { recursive: true });
    return new BlobStore(folder);
  }

  /** Writes a stream; with nothing left of it when the stream fails. `md5` in hexadecimal. */
  async write(source: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<{ blob: Blob; md5: string }> {
    const path = this.#newPath();
    const hash = createHash('md5');
    let size = 0;
    let file: FileHandle | undefined;
    try {
      file = await open(path, 'wx');
      for await (const chunk of source) {
        hash.update(chunk);
        size += chunk.length;
        await file.writeFile(chunk);
      }
      await file.close();
    } catch (error) {
      await file?.close();
      await rm(path, { force: true });
      throw error;
    }
    return { blob: { files: [{ path, size }], size }, md5: hash.digest('hex') };
  }

  /** The same bytes once more, without copying them: each name of a file is removed on its own. */
  async copy(blob: Blob): Promise<Blob> {
    const files = await Promise.all(
      blob.files.map(async ({ path, size }) => {
        const copy = this.#newPath();
        await link(path, copy);
        return { path: copy, size };
      }),
    );
    return { files, size: blob.size };
  }

  async remove(blob: Blob): Promise<void> {
    await Promise.all(blob.files.map(({ path }) => rm(path, { force: true })));
  }

  /** The bytes from `start` up to, and without, `end`. */
  async *read(blob: Blob, start = 0, end = blob.size): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { path, size } of blob.files) {
      const from = Math.max(0, start - offset);
      const to = Math.min(size, end - offset);
      if (from < to) yield* readFile(path, from, to);
      offset += size;
    }
  }

  #newPath(): string {
    this.#next += 1;
    return join(this.#folder, String(this.#next));
  }
}

/** Several blobs as one, in this order. */
export function joined(blobs: readonly Blob[]): Blob {
  return { files: blobs.flatMap(({ files }) => files), size: blobs.reduce((sum, { size }) => sum + size, 0) };
}

async function* readFile(path: string, from: number, to: number): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (let at = from; at < to;) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, to - at));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error(`${path} is shorter than it was`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
