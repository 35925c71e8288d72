import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StepError } from '../../model/kind.ts';
import { FILE_MODE } from './place.ts';

/** What `sha256sum --check`, run in the folder of the dump, understands. */
export interface Manifest {
  readonly text: string;
  /** Of the file; of the manifest's text for a folder of files. */
  readonly sha256: string;
  /** All files together. */
  readonly bytes: number;
}

export const manifestPath = (dump: string): string => `${dump}.sha256`;

/** Reads every byte. `name`: what the dump will be called, when it is not there under its name yet. */
export async function manifestOf(
  path: string,
  signal: AbortSignal,
  name = basename(path),
): Promise<Manifest> {
  const isFolder = (await stat(path)).isDirectory();
  const files = isFolder ? (await readdir(path)).sort() : [''];
  const lines: string[] = [];
  let bytes = 0;
  let single = '';
  for (const file of files) {
    const at = join(path, file);
    single = await sha256Of(at, signal);
    bytes += (await stat(at)).size;
    lines.push(`${single}  ${isFolder ? `${name}/${file}` : name}\n`);
  }
  const text = lines.join('');
  return { text, bytes, sha256: isFolder ? createHash('sha256').update(text).digest('hex') : single };
}

/** Durable when it resolves. */
export async function writeManifest(dump: string, manifest: Manifest): Promise<void> {
  const file = await open(manifestPath(dump), 'w', FILE_MODE);
  try {
    await file.writeFile(manifest.text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Holds a dump against the checksums beside it. Undefined when there are none; throws `StepError`
 * when the dump is not what was written then.
 */
export async function verifyDump(path: string, signal: AbortSignal): Promise<Manifest | undefined> {
  const written = await readFile(manifestPath(path), 'utf8').catch(() => undefined);
  if (written === undefined) return undefined;
  const found = await manifestOf(path, signal);
  // The dump may have been given another name since.
  const digests = (text: string): string => text.replaceAll(/^([0-9a-f]{64}) {2}[^/\n]*\/?/gm, '$1 ');
  if (digests(found.text) === digests(written)) return found;
  throw new StepError(`${path} is not the dump that was written: its checksum differs`, {
    code: 'checksum',
    hint: `Fetch it again, or take another dump. "sha256sum --check ${basename(manifestPath(path))}" names the file.`,
  });
}

async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash, { signal });
  return hash.digest('hex');
}
