import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newKey } from '../../base/ed25519.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { print, say } from '../terminal.ts';

/** `drillbook key FILE`: a new key, which only this account may read; its public half is for the environment. */
export async function key(file: string): Promise<ExitCode> {
  const { secret, publicKey } = newKey();
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, secret, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CommandError(isThere ? `there is a file ${file} already` : (error as Error).message, {
      exitCode: EXIT.invalid,
      hint: isThere ? 'Nothing was changed: a key that is lost cannot be made again.' : undefined,
    });
  }
  say(
    `The key is in ${file}. Keep it to yourself, and put its public half into the environment, under your name:`,
  );
  print(`    keys: [${publicKey}]`);
  return EXIT.done;
}
