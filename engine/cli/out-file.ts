import { mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import { CommandError, EXIT } from './exit.ts';
import { shownPath } from './paths.ts';
import { collectOutput, printError } from './terminal.ts';

/** Where `--out` leads that means standard output, as it does for other programs. */
const STANDARD_OUTPUT = '-';

export interface OutFile {
  /** Puts what was printed into the file, whole or not at all, and says so on standard error. */
  keep(): void;
  /** Forgets it: the file is as it was. */
  drop(): void;
}

/**
 * From here on what commands print goes into a file. What is there is replaced, as by `-o` everywhere, but only once
 * all of the new text is written: a command that fails leaves it as it was.
 */
export function openOut(path: string): OutFile {
  if (path === STANDARD_OUTPUT) return { keep: () => undefined, drop: () => undefined };
  const before = standing(path);
  if (before?.isDirectory() === true) throw unwritable(path, 'it is a folder', 'Name a file in it.');
  const output = collectOutput();
  return {
    keep: () => {
      const text = output.end();
      try {
        // A device or a pipe cannot be replaced, and must not be.
        if (before === undefined || before.isFile()) replace(path, text, before?.mode);
        else writeFileSync(path, text);
      } catch (error) {
        throw unwritable(path, messageOf(error));
      }
      printError(`${before?.isFile() === true ? 'written over' : 'written'}  ${shownPath(path)}`);
    },
    drop: () => void output.end(),
  };
}

function replace(path: string, text: string, mode: number | undefined): void {
  mkdirSync(dirname(path), { recursive: true });
  // Where it is a link, what it leads to is replaced, and not the link.
  const whole = mode === undefined ? path : realpathSync(path);
  const draft = `${whole}.${String(process.pid)}.part`;
  try {
    writeFileSync(draft, text, { flag: 'wx', flush: true, ...(mode !== undefined && { mode }) });
    renameSync(draft, whole);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** What is there, if anything is. */
function standing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(path, messageOf(error));
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unwritable = (path: string, why: string, hint?: string): CommandError =>
  new CommandError(`--out ${shownPath(path)} cannot be written: ${why}`, {
    exitCode: EXIT.invalid,
    ...(hint !== undefined && { hint }),
  });
