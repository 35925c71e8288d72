import { basename, dirname, join, sep } from 'node:path';
import { StoreError } from './store.ts';

/** Where the parts of one run are. */
export interface RunFolder {
  readonly path: string;
  readonly journal: string;
  readonly head: string;
  readonly lock: string;
  /** For attachments and for what steps write. */
  readonly files: string;
  /** For secrets that the run keeps. */
  readonly sealed: string;
  /** What people say to it from elsewhere. */
  readonly inbox: string;
}

/** No dot, slash or colon: a run's id is a folder's name on every system, and stays inside the store. */
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export const isRunId = (text: string): boolean => RUN_ID.test(text);

const JOURNAL = 'journal.jsonl';
const HEAD = 'journal.head';

/** Where the runs of a store are. */
export const runsFolder = (root: string): string => join(root, 'runs');

/** The two files that say what happened in a run whose id is one: what listing many needs, and no more. */
export function recordFiles(runs: string, run: string): Pick<RunFolder, 'journal' | 'head'> {
  const path = `${runs}${sep}${run}${sep}`;
  return { journal: path + JOURNAL, head: path + HEAD };
}

/** Throws `StoreError` when the text cannot be the id of a run. */
export function runFolder(root: string, run: string): RunFolder {
  if (!isRunId(run)) {
    throw new StoreError('missing', `${JSON.stringify(run)} is not the id of a run`, {
      hint: 'An id is made of letters, digits, dashes and underscores; `drillbook runs` lists them.',
    });
  }
  const path = join(runsFolder(root), run);
  return {
    path,
    journal: join(path, JOURNAL),
    head: join(path, HEAD),
    lock: join(path, 'lock'),
    files: join(path, 'files'),
    sealed: join(path, 'sealed'),
    inbox: join(path, 'inbox'),
  };
}

/** The run whose folder for files this is, and the store that it is in: what `runFolder` was made of. */
export function runInFolder(files: string): { readonly root: string; readonly run: string } | undefined {
  const path = dirname(files);
  const root = dirname(dirname(path));
  const run = basename(path);
  return isRunId(run) && runFolder(root, run).files === files ? { root, run } : undefined;
}

/** An environment's name may hold what a file's name may not. */
export const environmentLock = (root: string, name: string): string =>
  join(
    root,
    'locks',
    `environment-${encodeURIComponent(Buffer.from(name).toString()).replaceAll('*', '%2A')}`,
  );
