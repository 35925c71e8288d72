import { appendFile, mkdir, readdir, rename, truncate } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Head, HeadOnDisk } from './head.ts';
import { HeadFile, readHead } from './head.ts';
import { listRuns } from './listing.ts';
import { isRunId, runFolder } from './run-folder.ts';
import { syncFolder } from './files.ts';

export type ChainKind = 'run' | 'ledger';

/** The bytes of a journal or a ledger, and the head beside them. */
export interface Kept {
  readonly bytes: Buffer;
  readonly head: HeadOnDisk;
}

/** A store as it lies there: chains of lines and files, copied byte for byte. */
export interface Shelf {
  names(kind: ChainKind): Promise<readonly string[]>;
  load(kind: ChainKind, name: string): Promise<Kept | undefined>;
  /** Adds whole lines after so many bytes that are there, and makes `head` the end. Refused where that has moved. */
  add(
    kind: ChainKind,
    name: string,
    added: {
      readonly after: Kept | undefined;
      readonly from: number;
      readonly lines: Buffer;
      readonly head: Head;
    },
  ): Promise<void>;
  file(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined>;
  keep(
    run: string,
    file: { readonly file: string; readonly sha256: string },
    bytes: AsyncIterable<Buffer>,
  ): Promise<void>;
}

/** A store that is a folder. Nobody else may write to it meanwhile. */
export class FolderShelf implements Shelf {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async names(kind: ChainKind): Promise<readonly string[]> {
    if (kind === 'run') return listRuns(this.#root).map(({ run }) => run);
    const files = (await readdir(join(this.#root, 'ledgers')).catch(noneWhenMissing)) ?? [];
    return files.filter((file) => file.endsWith('.jsonl')).map((file) => file.slice(0, -'.jsonl'.length));
  }

  async load(kind: ChainKind, name: string): Promise<Kept | undefined> {
    const paths = this.#paths(kind, name);
    const head = await readHead(paths.head);
    const bytes = await readFile(paths.lines).catch(noneWhenMissing);
    return bytes && { bytes, head };
  }

  async add(
    kind: ChainKind,
    name: string,
    { from, lines, head }: { readonly from: number; readonly lines: Buffer; readonly head: Head },
  ): Promise<void> {
    const paths = this.#paths(kind, name);
    await mkdir(dirname(paths.lines), { recursive: true, mode: 0o700 });
    if (from === 0) HeadFile.begin(paths.head);
    else await truncate(paths.lines, from);
    await appendFile(paths.lines, lines, { mode: 0o600, flush: true });
    const file = new HeadFile(paths.head);
    file.writeDurably(head);
    file.close();
    await syncFolder(dirname(paths.lines));
  }

  async file(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined> {
    const stream = createReadStream(join(runFolder(this.#root, run).files, file));
    return new Promise((resolve, reject) => {
      stream.once('open', () => resolve(stream));
      stream.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') resolve(undefined);
        else reject(error);
      });
    });
  }

  async keep(run: string, { file }: { readonly file: string }, bytes: AsyncIterable<Buffer>): Promise<void> {
    const path = join(runFolder(this.#root, run).files, file);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(bytes, createWriteStream(`${path}.draft`, { mode: 0o600, flush: true }));
    await rename(`${path}.draft`, path);
  }

  #paths(kind: ChainKind, name: string): { readonly lines: string; readonly head: string } {
    if (kind === 'run') {
      const { journal, head } = runFolder(this.#root, name);
      return { lines: journal, head };
    }
    if (!isRunId(name)) throw new TypeError(`no name of a ledger: ${name}`);
    const base = join(this.#root, 'ledgers', name);
    return { lines: `${base}.jsonl`, head: `${base}.head` };
  }
}

function noneWhenMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
