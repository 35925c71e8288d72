import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit.ts';
import { shownPath } from './paths.ts';

/** Writes a file that must not be there yet, and its folder. */
export function writeNewFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw alreadyThere([path]);
  }
}

export const alreadyThere = (paths: readonly string[]): CommandError =>
  new CommandError(`${paths.map(shownPath).join(', ')} ${paths.length === 1 ? 'is' : 'are'} there already`, {
    exitCode: EXIT.invalid,
    hint: 'Nothing was changed: no file is ever written over.',
  });
