import { open, readFile } from 'node:fs/promises';
import type { Event } from '../model/event.ts';
import type { Chain } from './chain.ts';
import { chainEvents, compareWithHead, readChain } from './chain.ts';
import type { HeadOnDisk } from './head.ts';
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
    return judged(bytes, head);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw noSuchRun(run);
    throw ioError(`the journal of run ${run} cannot be read`, error);
  }
}

/** What the bytes of a journal amount to, held against its head. */
export function judged(bytes: Buffer, head: HeadOnDisk): Loaded {
  const chain = readChain(bytes);
  const sealed = typeof head === 'object' && head.sealed;
  return { bytes, chain, sealed, ...compareWithHead(chain, head) };
}

export const noSuchRun = (run: string): StoreError =>
  new StoreError('missing', `there is no run ${run}`, { hint: '`drillbook runs` lists them.' });

/** What can be gone on from: a journal that is as it was written, or that lost its end. */
export function whole(run: string, loaded: Loaded): Loaded {
  const { problem, lost } = loaded;
  if (problem === undefined || lost !== undefined) return loaded;
  throw new StoreError(
    'altered',
    `the journal of run ${run} was altered: line ${problem.line}: ${problem.message}`,
    {
      hint: 'What it says cannot be relied upon. Restore the run’s folder from a backup of the store.',
    },
  );
}

/** Refuses to go on with a run of which part of what happened is not known any more. */
export function refuseStruck(run: string, chain: Chain): void {
  const struck = chain.lines.find((line) => line.struck);
  if (struck === undefined) return;
  throw new StoreError(
    'altered',
    `run ${run} cannot go on: the payload of its event ${struck.seq} was struck out`,
    {
      hint: '`drillbook report` shows what is left of it. Start a new run.',
    },
  );
}

/** The events of a journal, without those that were struck out. */
export function eventsOf(run: string, { chain }: Loaded): readonly Event[] {
  const { events, unknown } = chainEvents(chain);
  if (unknown === undefined) return events;
  throw new StoreError(
    'altered',
    `the journal of run ${run} holds an event that this version does not know: ${unknown}`,
    {
      hint: 'A newer drillbook wrote it: use that version, or a newer one.',
    },
  );
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
