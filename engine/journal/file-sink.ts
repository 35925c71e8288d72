import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { HeadFile } from './head.ts';
import type { ChainHead } from './line.ts';
import type { LineSink } from './sink.ts';

const synced = promisify(fdatasync);

/** Lines in a file, with a head file beside it. */
export class FileSink implements LineSink {
  readonly #file: number;
  readonly #headFile: HeadFile;
  readonly #start: ChainHead;
  #sealed: boolean;

  /** `start`: the line after which it goes on. */
  constructor(
    paths: { readonly journal: string; readonly head: string },
    start: ChainHead & { readonly sealed: boolean },
  ) {
    this.#file = openSync(paths.journal, 'a');
    this.#headFile = new HeadFile(paths.head);
    this.#start = { seq: start.seq, hash: start.hash };
    this.#sealed = start.sealed;
  }

  async write(text: string, head: ChainHead): Promise<void> {
    if (this.#sealed) {
      // An event after the seal: were the seal still there after a crash, the event would count as forged.
      this.#headFile.writeDurably({ ...this.#start, sealed: false });
      this.#sealed = false;
    }
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#file, bytes, done);
    await synced(this.#file);
    this.#headFile.write({ ...head, sealed: false });
  }

  seal(head: ChainHead): Promise<void> {
    // In the same turn as the call: nothing else may come between.
    try {
      this.#headFile.writeDurably({ ...head, sealed: true });
      this.#sealed = true;
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  close(): Promise<void> {
    this.#headFile.close();
    closeSync(this.#file);
    return Promise.resolve();
  }
}
