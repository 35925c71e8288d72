import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { StepError } from '../../../model/kind.ts';
import { FILE_MODE, makeFolder } from '../../machine/place.ts';
import { fileError } from '../../machine/errors.ts';

/** What was unpacked. */
export interface Unpacked {
  /** Of the archive as it came. */
  readonly sha256: string;
  readonly bytes: number;
  /** Folders with a dump in directory format, below the folder it was unpacked to. */
  readonly dumps: readonly string[];
}

/**
 * Unpacks an export of Render's as it comes, without keeping the archive. Its outermost folder (a time, with a
 * colon) is left out, so that each logical database is a folder that pg_restore takes. What would not be
 * a plain file below `to` is refused.
 */
export async function unpack(
  response: IncomingMessage,
  to: string,
  options: {
    readonly signal: AbortSignal;
    readonly onBytes: (bytes: number) => void;
    readonly total: number | undefined;
  },
): Promise<Unpacked> {
  const tar = await import('tar-stream');
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      hash.update(chunk);
      bytes += chunk.length;
      options.onBytes(bytes);
      callback(null, chunk);
    },
  });
  const extract = tar.extract();
  const unpacked = (async () => {
    for await (const entry of extract) {
      await place(entry, entry.header, to, options.signal);
    }
  })();
  try {
    await Promise.all([
      pipeline(response, meter, createGunzip(), extract, { signal: options.signal }),
      unpacked,
    ]);
  } catch (cause) {
    options.signal.throwIfAborted();
    extract.destroy();
    await unpacked.catch(() => undefined);
    throw explained(cause, to);
  }
  if (options.total !== undefined && bytes !== options.total) {
    throw damaged(`${String(bytes)} of ${String(options.total)} bytes came`);
  }
  const dumps = await dumpsIn(to);
  if (dumps.length === 0) throw damaged('there is no dump in it (no toc.dat)');
  return { sha256: hash.digest('hex'), bytes, dumps };
}

interface Header {
  readonly name: string;
  readonly type?: string | null | undefined;
}

async function place(
  entry: AsyncIterable<unknown> & { resume(): unknown },
  { name, type }: Header,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const path = pathOf(name, to);
  if (type === 'directory' || path === undefined) {
    if (path !== undefined) await makeFolder(path);
    entry.resume();
    return;
  }
  if (type !== 'file' && type !== 'contiguous-file') {
    throw unsafe(`"${name}" is a ${type ?? 'thing of no type'} and not a file`);
  }
  await makeFolder(dirname(path));
  // `wx`: two entries of one name would write over each other.
  await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: FILE_MODE }), { signal });
}

/** Where an entry goes; undefined for the outermost folder. Throws for a name that leads anywhere else. */
function pathOf(name: string, to: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const leadsOut = name.startsWith('/') || parts.includes('..') || /[\0\\]/.test(name);
  if (leadsOut) throw unsafe(`"${name}" would be written outside of its folder`);
  const [, ...inner] = parts;
  // A colon is no part of a name on every file system.
  return inner.length === 0 ? undefined : join(to, ...inner.map((part) => part.replaceAll(':', '_')));
}

async function dumpsIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const complete = await Promise.all(
    folders.map((name) =>
      stat(join(folder, name, 'toc.dat')).then(
        ({ size }) => size > 0,
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => complete[index] === true).sort();
}

const damaged = (why: string): StepError =>
  new StepError(`the archive is not whole: ${why}`, {
    code: 'damagedArchive',
    hint: 'What was unpacked of it has been removed. Download it again; make a new export if that does not help.',
    retryable: true,
  });

const unsafe = (why: string): StepError =>
  new StepError(`the archive is not one of Render's exports: ${why}`, {
    code: 'unsafeArchive',
    hint: 'What was unpacked of it has been removed. Find out where the link leads.',
  });

function explained(cause: unknown, to: string): unknown {
  if (cause instanceof StepError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/^Z_/.test(code) || /tar|Unexpected end of data/i.test(message)) return damaged(message);
  return fileError(cause, to, { doing: 'write' }) ?? cause;
}
