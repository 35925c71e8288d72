import { closeSync, constants, fsyncSync, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ChainHead } from './line.ts';
import { CHAIN_START } from './line.ts';

/** The end of a journal as its writer last knew it. */
export interface Head extends ChainHead {
  readonly sealed: boolean;
}

const LENGTH = 128;

/**
 * A small file beside the journal that names its last line. Without it, lines cut off the
 * end of a run that was not sealed could not be missed. It is overwritten in place after
 * each write of the journal and synced only when it is made and to seal, so it costs
 * microseconds; after a power failure it may be behind the journal, never ahead.
 */
export class HeadFile {
  readonly #file: number;

  /** Before the first line of what it certifies: from then on a head that is missing was removed. */
  static begin(path: string): void {
    const file = new HeadFile(path);
    try {
      file.writeDurably({ ...CHAIN_START, sealed: false });
    } finally {
      file.close();
    }
  }

  constructor(path: string) {
    this.#file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  write(head: Head): void {
    writeSync(this.#file, text(head), 0);
  }

  /** Writes and waits for the disk. */
  writeDurably(head: Head): void {
    this.write(head);
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

const text = ({ seq, hash, sealed }: Head): string =>
  `${JSON.stringify({ seq, hash, sealed }).padEnd(LENGTH - 1)}\n`;

const TEXT = /^\{"seq":(\d{1,15}),"hash":"([0-9a-f]{64})","sealed":(true|false)\} *\n$/;

/** `missing` also when it is empty or all zeros; `unreadable` when it holds anything else that no writer writes. */
export type HeadOnDisk = Head | 'missing' | 'unreadable';

export async function readHead(path: string): Promise<HeadOnDisk> {
  let content: string;
  try {
    content = await readFile(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing';
    throw error;
  }
  if (/^\0*$/.test(content)) return 'missing';
  const match = TEXT.exec(content);
  if (match === null || content.length !== LENGTH) return 'unreadable';
  return { seq: Number(match[1]), hash: match[2] ?? '', sealed: match[3] === 'true' };
}
