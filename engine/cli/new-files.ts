import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit.ts';
import { shownPath } from './paths.ts';

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Writes files that must not be there yet, and their folders: all of them, or none. */
export function writeNewFiles(files: readonly NewFile[]): void {
  const taken = files.map(({ path }) => path).filter((path) => existsSync(path));
  if (taken.length > 0) throw alreadyThere(taken);
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: 'wx' });
      written.push(path);
    }
  } catch (error) {
    for (const path of written) rmSync(path);
    throw error;
  }
}

export const alreadyThere = (paths: readonly string[]): CommandError =>
  new CommandError(`${paths.map(shownPath).join(', ')} ${paths.length === 1 ? 'is' : 'are'} there already`, {
    exitCode: EXIT.invalid,
    hint: 'Nothing was changed: no file is ever written over.',
  });
