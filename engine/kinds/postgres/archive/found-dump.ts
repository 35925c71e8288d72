import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { StepError } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';

/** A dump of a folder, as far as its name and its place tell. */
export interface FoundDump {
  readonly path: string;
  readonly isFolder: boolean;
  readonly bytes: number;
  readonly modifiedMs: number;
}

export type DumpForm =
  | { readonly format: 'custom' | 'directory' | 'tar' }
  | { readonly format: 'plain'; readonly compressed: boolean };

/** What lies beside dumps and is none: checksums, facts, what is being written. */
const BESIDE = /^\.|\.(sha256|json|md5|log|part|tmp)$/;
/** By which pg_dump's folder is known. */
const CONTENTS = 'toc.dat';

/** The dumps of a folder, the newest first; the one that is named, where it is one itself. Throws where there is none. */
export async function dumpsAt(path: string, files: string | undefined): Promise<readonly FoundDump[]> {
  try {
    const alone = await lookAt(path);
    if (alone !== undefined && (alone.isFolder || !(await stat(path)).isDirectory())) return [alone];
    const matches = files === undefined ? (name: string) => !BESIDE.test(name) : likeness(files);
    const names = (await readdir(path)).filter(matches);
    const found = (await Promise.all(names.map((name) => lookAt(join(path, name))))).filter(
      (dump) => dump !== undefined,
    );
    if (found.length > 0) return found.toSorted((one, other) => other.modifiedMs - one.modifiedMs);
  } catch (cause) {
    const known = fileError(cause, path, { doing: 'read' });
    if (known?.code === 'noSuchFile') {
      throw new StepError(`there is no dump at ${path}`, { code: 'noSuchDump', cause });
    }
    throw known ?? cause;
  }
  const like = files === undefined ? '' : ` called ${files}`;
  throw new StepError(`there is no dump${like} in ${path}`, { code: 'noSuchDump' });
}

/** A plain file, or a folder of pg_dump's; undefined for what is neither. */
async function lookAt(path: string): Promise<FoundDump | undefined> {
  const found = await stat(path);
  if (found.isFile()) return { path, isFolder: false, bytes: found.size, modifiedMs: found.mtimeMs };
  if (!found.isDirectory()) return undefined;
  const inside = await Promise.all((await readdir(path)).map((name) => stat(join(path, name))));
  const isDump = await stat(join(path, CONTENTS)).then(
    () => true,
    () => false,
  );
  if (!isDump) return undefined;
  return {
    path,
    isFolder: true,
    bytes: inside.reduce((sum, { size }) => sum + size, 0),
    modifiedMs: Math.max(...inside.map(({ mtimeMs }) => mtimeMs)),
  };
}

/** A name with `*` for anything. */
function likeness(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const whole = new RegExp(`^${parts.join('.*')}$`);
  return (name) => whole.test(name);
}

const HEAD_BYTES = 64 * 1024;
const TAR_MAGIC_AT = 257;

/** What a dump is, by its first bytes and not by its name. Throws where it is none. */
export async function formOf({ path, isFolder, bytes }: FoundDump): Promise<DumpForm> {
  if (isFolder) return { format: 'directory' };
  if (bytes === 0) {
    throw new StepError(`${path} is empty: nothing was dumped, or the dump broke off before its first byte`, {
      code: 'emptyDump',
      hint: 'Look what the job that writes it said.',
    });
  }
  const head = await headOf(path);
  if (head.subarray(0, 5).toString('latin1') === 'PGDMP') return { format: 'custom' };
  if (head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5).toString('latin1') === 'ustar') return { format: 'tar' };
  const compressed = head[0] === 0x1f && head[1] === 0x8b;
  const text = compressed ? await gunzippedHead(path) : head.toString('utf8');
  if (/^-- PostgreSQL database (cluster )?dump$/m.test(text)) return { format: 'plain', compressed };
  throw new StepError(`${basename(path)} is no dump of PostgreSQL, by its first bytes`, {
    code: 'notADump',
    hint: 'pg_dump writes custom, directory, tar and plain formats; plain ones may be compressed with gzip.',
  });
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Empty where it is not gzip after all, or broken from its beginning. */
async function gunzippedHead(path: string): Promise<string> {
  const source = createReadStream(path);
  const unzipped = source.pipe(createGunzip());
  source.on('error', (error) => unzipped.destroy(error));
  let text = '';
  try {
    for await (const chunk of unzipped) {
      text += String(chunk);
      if (text.length >= HEAD_BYTES) break;
    }
  } catch {
    return text;
  } finally {
    source.destroy();
  }
  return text;
}
