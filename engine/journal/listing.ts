import { readdirSync, statSync } from 'node:fs';
import { isRunId, recordFiles, runsFolder } from './run-folder.ts';

/** What a file was when it was looked at. Whoever writes into it, or puts another in its place, gives it another stamp. */
export type Stamp = string;

/** A run as its files are now. */
export interface Listed {
  readonly run: string;
  readonly stamp: Stamp;
  /** Too young to be told from what is written into it within the same tick of the file system's clock. */
  readonly isYoung: boolean;
}

/** The runs that hold at least one event, newest first. Synchronous: of ten thousand files that takes a fifth of the time. */
export function listRuns(root: string): readonly Listed[] {
  const listed: Listed[] = [];
  const runs = runsFolder(root);
  for (const run of runNames(runs)) {
    const files = recordFiles(runs, run);
    const journal = statSync(files.journal, { throwIfNoEntry: false });
    if (journal === undefined || journal.size === 0) continue;
    const head = statSync(files.head, { throwIfNoEntry: false });
    const stamp = `${textOf(journal)} ${head === undefined ? 'none' : textOf(head)}`;
    listed.push({ run, stamp, isYoung: isYoung(Math.max(journal.ctimeMs, head?.ctimeMs ?? 0)) });
  }
  return listed;
}

function runNames(runs: string): readonly string[] {
  try {
    const entries = readdirSync(runs, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && isRunId(entry.name));
    return names.map(({ name }) => name).sort((a, b) => (a < b ? 1 : -1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

type Look = Pick<NonNullable<ReturnType<typeof statSync>>, 'ino' | 'size' | 'ctimeMs'>;

/** The time of the last change is the system's own: unlike that of the last write, nobody can set it back. */
const textOf = ({ ino, size, ctimeMs }: Look): Stamp => `${ino}-${size}-${ctimeMs}`;

export function stampOf(path: string): Stamp | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && textOf(found);
}

/** Longer than a tick of a file system's clock. Some count whole seconds, some pairs of them. */
const TICK_MS = 50;
const COARSE_TICK_MS = 2500;

const isYoung = (changedMs: number): boolean =>
  Math.abs(Date.now() - changedMs) < (Number.isInteger(changedMs / 1000) ? COARSE_TICK_MS : TICK_MS);

/** Whether the folder is this account's: what root writes into another's, that one could not write to any more. */
export function isOwn(folder: string): boolean {
  if (process.getuid === undefined) return true;
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid();
}
