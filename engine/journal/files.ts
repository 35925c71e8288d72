import { open, readFile } from 'node:fs/promises';
import type { Chain } from './chain.ts';
import { compareWithHead, readChain } from './chain.ts';
import { readHead } from './head.ts';
import type { ChainHead } from './line.ts';
import type { RunFolder } from './run-folder.ts';
import type { Problem } from './store.ts';
import { StoreError } from './store.ts';
import { ioError } from './writer.ts';

/** A journal as it is on the disk. */
export interface Loaded {
  readonly bytes: Buffer;
  readonly chain: Chain;
  readonly sealed: boolean;
  readonly problem?: Problem;
  /** The one thing wrong is that whole lines may be missing at its end: see `Comparison`. */
  readonly lost?: ChainHead | null;
}

/** Reads and verifies a journal; `StoreError` when there is none or it cannot be read. */
export async function loadJournal(run: string, folder: RunFolder): Promise<Loaded> {
  try {
    // The head first: the journal that is read after it can only be further on.
    const head = await readHead(folder.head);
    const bytes = await readFile(folder.journal);
    const chain = readChain(bytes);
    const sealed = typeof head === 'object' && head.sealed;
    return { bytes, chain, sealed, ...compareWithHead(chain, head) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new StoreError('missing', `there is no run ${run}`, { hint: '`drillbook runs` lists them.' });
    }
    throw ioError(`the journal of run ${run} cannot be read`, error);
  }
}

/** Makes a new or renamed entry of a folder survive a power failure. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
