import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError } from '../../../model/kind.ts';
import { fileError } from '../../machine/errors.ts';
import { shortKey } from './outcome.ts';

/** A file of this machine, as it was when it was looked at. */
export interface LocalFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/** Looks at a path, links followed. Throws `StepError` for what cannot be read, or is neither file nor folder. */
export async function lookAt(path: string): Promise<LocalFile | 'folder'> {
  const found = await reading(path, () => stat(path));
  if (found.isDirectory()) return 'folder';
  if (found.isFile()) return fileOf(path, found);
  throw notAFile(path);
}

/** All files below a folder, by their names in it, with slashes between. Folders without files are none. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, LocalFile>> {
  const files = new Map<string, LocalFile>();
  const walk = async (inside: string): Promise<void> => {
    const path = join(folder, inside);
    for (const entry of await reading(path, () => readdir(path, { withFileTypes: true }))) {
      const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) await walk(name);
      else files.set(checkedName(name), await fileFor(entry, join(folder, name)));
    }
  };
  await walk('');
  return files;
}

/** A link to a folder could lead round in a circle, or out to anywhere. */
async function fileFor(entry: Dirent, path: string): Promise<LocalFile> {
  const found = await lookAt(path);
  if (found === 'folder') throw notAFile(path);
  if (entry.isFile() || entry.isSymbolicLink()) return found;
  throw notAFile(path);
}

/** What a name that is not UTF-8 becomes when it is read. */
const UNREADABLE = '\ufffd';

function checkedName(name: string): string {
  if (!name.includes(UNREADABLE)) return name;
  throw new StepError(`the name ${shortKey(name)} is not UTF-8, and a key is`, {
    code: 'badName',
    hint: 'Rename the file, then try again.',
  });
}

/** Whether it is still as it was when it was looked at. */
export async function isUnchanged({ path, size, modifiedMs }: LocalFile): Promise<boolean> {
  const now = await reading(path, () => stat(path));
  return now.size === size && now.mtimeMs === modifiedMs;
}

const fileOf = (path: string, { size, mtimeMs }: Stats): LocalFile => ({ path, size, modifiedMs: mtimeMs });

const notAFile = (path: string): StepError =>
  new StepError(`${path} is neither a file nor a folder that can be gone through`, {
    code: 'notAFile',
    hint: 'Links to folders, sockets, pipes and devices cannot be put. Leave them out, or name what they lead to.',
  });

/** Reads of a file or a folder: what the disk refuses is told as that. */
export async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw fileError(cause, path, { doing: 'read' }) ?? cause;
  }
}
