import { appendFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { syncFolder } from './files.ts';
import { HeadFile, readHead } from './head.ts';
import type { KeptLedger, LoadedLedger, NewEntry } from './ledger-lines.ts';
import {
  entriesOf,
  expectEntries,
  judgedLedger,
  nextLines,
  placeIn,
  verificationOf,
} from './ledger-lines.ts';
import { takeLock } from './lock.ts';
import type { Redactor } from './redact.ts';
import type { Ledger, LedgerEntry, Lock, LinePlace } from './store.ts';
import { StoreError } from './store.ts';
import { ioError } from './writer.ts';

/** How long an append waits for another process to finish its own. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

/**
 * A ledger in a file of its own, of lines like those of a journal (docs/journal.md). Several processes
 * write to it, one entry at a time. An altered ledger is still appended to, so that no recovery is kept from
 * going on by it; that it was altered stays provable: what its head file was witness of is entered first.
 */
export class FolderLedger implements KeptLedger {
  readonly #path: string;
  readonly #headPath: string;
  readonly #root: string;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #redactor: Redactor;

  constructor(root: string, name: string, options: { readonly clock: Clock; readonly redactor: Redactor }) {
    this.#root = root;
    this.#name = name;
    this.#path = join(root, 'ledgers', `${name}.jsonl`);
    this.#headPath = join(root, 'ledgers', `${name}.head`);
    this.#clock = options.clock;
    this.#redactor = options.redactor;
  }

  async append(...entries: readonly NewEntry[]): Promise<string> {
    return this.#guarded('written', async () => {
      const lock = await this.#writerLock();
      try {
        return await this.#write(entries);
      } finally {
        await lock.release();
      }
    });
  }

  async read(): Promise<readonly LedgerEntry[]> {
    return expectEntries(this.#name, await this.#load(), this.#path);
  }

  async verify(): ReturnType<Ledger['verify']> {
    return verificationOf(await this.#load());
  }

  async entries(): Promise<readonly LedgerEntry[] | undefined> {
    if (!(await this.exists())) return undefined;
    const { chain } = await this.#load();
    return chain.problem === undefined ? entriesOf(chain) : undefined;
  }

  async place(hash: string): Promise<LinePlace | undefined> {
    return placeIn(await this.#load(), hash);
  }

  async exists(): Promise<boolean> {
    return (await stat(this.#path).catch(noneWhenMissing)) !== undefined;
  }

  lock(purpose: string): Promise<Lock> {
    return this.#guarded('locked', async () => {
      const taken = await this.#take(`ledger-${this.#name}`, purpose);
      if (taken.ok) return taken.value;
      const { pid, host, since } = taken.error;
      throw new StoreError(
        'locked',
        `${purpose} goes on already: process ${pid} on ${host}, since ${since}`,
        {
          hint: 'One at a time. Wait for it or end it.',
        },
      );
    });
  }

  async #take(lock: string, purpose: string): ReturnType<typeof takeLock> {
    const path = join(this.#root, 'locks', lock);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return takeLock(path, { run: purpose, since: this.#clock.now().toString() });
  }

  async #writerLock(): Promise<Lock> {
    const lock = `ledger-${this.#name}-writer`;
    for (let waited = 0; ; waited += PAUSE_MS) {
      const taken = await this.#take(lock, this.#name);
      if (taken.ok) return taken.value;
      if (waited >= PATIENCE_MS) {
        const { pid, host } = taken.error;
        throw new StoreError('locked', `process ${pid} on ${host} does not finish writing ${this.#path}`, {
          hint: `If it ran on a machine or in a container that is gone, remove the folder ${join(this.#root, 'locks', lock)}.`,
        });
      }
      await sleep(PAUSE_MS);
    }
  }

  async #write(entries: readonly NewEntry[]): Promise<string> {
    const folder = dirname(this.#path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const loaded = await this.#load();
    const { bytes } = loaded;
    const isNew = bytes.length === 0;
    if (isNew && loaded.head === 'missing') HeadFile.begin(this.#headPath);
    const { text, head, whole } = nextLines(loaded, entries, {
      clock: this.#clock,
      redactor: this.#redactor,
    });
    if (whole < bytes.length) await truncateTo(this.#path, whole);
    await appendFile(this.#path, text, { mode: 0o600, flush: true });
    if (isNew) await syncFolder(folder);
    const headFile = new HeadFile(this.#headPath);
    headFile.write({ ...head, sealed: false });
    headFile.close();
    return head.hash;
  }

  async #load(): Promise<LoadedLedger> {
    return this.#guarded('read', async () => {
      // The head first: the file that is read after it can only be further on.
      const head = await readHead(this.#headPath);
      const bytes = (await readFile(this.#path).catch(noneWhenMissing)) ?? Buffer.alloc(0);
      return judgedLedger(bytes, head);
    });
  }

  async #guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw ioError(`${this.#path} cannot be ${what}`, error);
    }
  }
}

async function truncateTo(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(length);
  } finally {
    await file.close();
  }
}

function noneWhenMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
