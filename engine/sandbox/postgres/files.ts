import { constants } from 'node:fs';
import type { Dirent } from 'node:fs';
import { chmod, chown, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './account.ts';

const AT_ONCE = 8;

interface CopyOptions {
  /** Owner of the copies; absent: whoever copies. */
  readonly account?: Account | undefined;
  /** Paths relative to the root, with slashes; a folder that is left out is still made, empty. */
  readonly leaveOut?: (path: string) => boolean;
  /** Makes every copy readable by everybody: for programs whose originals are private. */
  readonly readable?: boolean;
}

/**
 * Copies a folder that may change meanwhile: what vanishes between listing and copying
 * is left out, which is how a base backup of a running server has to be taken.
 */
export async function copyTree(from: string, to: string, options: CopyOptions = {}): Promise<void> {
  const files: Found[] = [];
  await copyFolders(from, to, '', options, files);
  const queue = files.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const { path, entry } of queue) await copyOne(join(from, path), join(to, path), entry, options);
    }),
  );
}

interface Found {
  readonly path: string;
  readonly entry: Dirent;
}

async function copyFolders(
  from: string,
  to: string,
  path: string,
  options: CopyOptions,
  files: Found[],
): Promise<void> {
  const { mode } = await lstat(join(from, path));
  await mkdir(join(to, path), { recursive: true });
  await chmod(join(to, path), options.readable === true ? mode | 0o555 : mode & 0o7777);
  await own(join(to, path), options);
  for (const entry of await readdir(join(from, path), { withFileTypes: true })) {
    const inner = path === '' ? entry.name : `${path}/${entry.name}`;
    if (options.leaveOut?.(inner) === true) continue;
    if (entry.isDirectory()) await copyFolders(from, to, inner, options, files);
    else files.push({ path: inner, entry });
  }
}

async function copyOne(from: string, to: string, entry: Dirent, options: CopyOptions): Promise<void> {
  try {
    if (entry.isSymbolicLink()) {
      await symlink(await readlink(from), to);
      return;
    }
    // With its mode: a copy takes that of the original.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    if (options.readable === true) await chmod(to, (await lstat(to)).mode | 0o555);
    await own(to, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function own(path: string, { account }: CopyOptions): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
