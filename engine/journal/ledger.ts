import { appendFile, mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Chain } from './chain.ts';
import { compareWithHead, readChain } from './chain.ts';
import { syncFolder } from './files.ts';
import type { HeadOnDisk } from './head.ts';
import { HeadFile, readHead } from './head.ts';
import type { ChainHead } from './line.ts';
import { CHAIN_START, formatLine, parseLine } from './line.ts';
import { takeLock } from './lock.ts';
import type { Redactor } from './redact.ts';
import type { Ledger, LedgerEntry, Lock, LinePlace, Problem } from './store.ts';
import { StoreError } from './store.ts';
import { ioError } from './writer.ts';

/** How long an append waits for another process to finish its own. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 10;

/** A ledger as it is on the disk. */
interface Loaded {
  readonly chain: Chain;
  readonly head: HeadOnDisk;
  readonly bytes: Buffer;
  readonly problem?: Problem;
}

/**
 * A ledger in a file of its own, of lines like those of a journal (docs/journal.md). Several processes
 * write to it, one entry at a time. An altered ledger is still appended to, so that no recovery is kept from
 * going on by it; that it was altered stays provable: what its head file was witness of is entered first.
 */
export class FolderLedger implements Ledger {
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

  async append(...entries: readonly { readonly type: string; readonly body: JsonObject }[]): Promise<string> {
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
    const { chain, problem } = await this.#load();
    if (problem === undefined) return entriesOf(chain);
    throw new StoreError('altered', `the ledger ${this.#name} was altered: ${inWords(problem)}`, {
      hint: `Restore ${this.#path} from a backup of the store.`,
    });
  }

  async verify(): ReturnType<Ledger['verify']> {
    const { chain, problem } = await this.#load();
    return {
      ok: problem === undefined,
      entries: entriesOf(chain),
      head: chain.head.hash,
      ...(problem !== undefined && { problem }),
    };
  }

  /** All entries, also where the last ones are missing; undefined when there is no such ledger or its chain is broken. */
  async entries(): Promise<readonly LedgerEntry[] | undefined> {
    if (!(await this.exists())) return undefined;
    const { chain } = await this.#load();
    return chain.problem === undefined ? entriesOf(chain) : undefined;
  }

  /** Where a hash stands among the entries whose chain holds. */
  async place(hash: string): Promise<LinePlace | undefined> {
    const { lines } = (await this.#load()).chain;
    const line = lines.findIndex((each) => each.hash === hash);
    return line < 0 ? undefined : { line: line + 1, of: lines.length };
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

  async #write(entries: readonly { readonly type: string; readonly body: JsonObject }[]): Promise<string> {
    const folder = dirname(this.#path);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const loaded = await this.#load();
    const { bytes } = loaded;
    const isNew = bytes.length === 0;
    if (isNew && loaded.head === 'missing') HeadFile.begin(this.#headPath);
    // Whoever tore the last line is dead: its entry was not acted upon.
    const whole = bytes.lastIndexOf(LINE_END) + 1;
    let head = lastOf(bytes.subarray(0, whole));
    let text = '';
    for (const { type, body } of [...witnessOf(loaded), ...entries]) {
      const at = this.#clock.now().epochMicros;
      const line = formatLine({ type, at, up: 0, body: JSON.stringify(this.#redactor.redact(body)) }, head);
      head = line.head;
      text += line.text;
    }
    if (whole < bytes.length) await truncateTo(this.#path, whole);
    await appendFile(this.#path, text, { mode: 0o600, flush: true });
    if (isNew) await syncFolder(folder);
    const headFile = new HeadFile(this.#headPath);
    headFile.write({ ...head, sealed: false });
    headFile.close();
    return head.hash;
  }

  async #load(): Promise<Loaded> {
    return this.#guarded('read', async () => {
      // The head first: the file that is read after it can only be further on.
      const head = await readHead(this.#headPath);
      const bytes = (await readFile(this.#path).catch(noneWhenMissing)) ?? Buffer.alloc(0);
      const chain = readChain(bytes);
      const problem = whatIsWrong(chain, head);
      return { chain, head, bytes, ...(problem !== undefined && { problem }) };
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

export const inWords = ({ line, message }: Problem): string => `line ${line}: ${message}`;

const entriesOf = (chain: Chain): readonly LedgerEntry[] =>
  chain.lines.map(({ type, at, body }) => ({ type, at, body: JSON.parse(body.toString()) as JsonObject }));

/** Of the entry in which a mismatch was written down before anything else was. */
const ALTERED = 'ledger.altered';

function whatIsWrong(chain: Chain, head: HeadOnDisk): Problem | undefined {
  // A stale head that was written down: a crash came before the next one.
  const isNew = head === 'missing' && chain.head.seq === 0;
  const { problem } =
    isNew || isWrittenDown(chain, head) ? { problem: chain.problem } : compareWithHead(chain, head);
  if (problem !== undefined) return problem;
  // Payloads are struck out of journals, by a command that says so; here nobody does.
  const struck = chain.lines.find((line) => line.struck);
  if (struck !== undefined) return { line: struck.seq, message: 'its payload was struck out' };
  const entry = chain.lines.find(({ type }) => type === ALTERED);
  if (entry === undefined) return undefined;
  const { found } = JSON.parse(entry.body.toString()) as { readonly found: string };
  return { line: entry.seq, message: `it says that the ledger was altered before it: ${found}` };
}

/** What the head file is witness of, and would not be any more once it is written anew. */
function witnessOf({ chain, head, bytes }: Loaded): readonly { type: string; body: JsonObject }[] {
  if (isWrittenDown(chain, head)) return [];
  const found = disagreement(bytes, head);
  if (found === undefined) return [];
  const named = typeof head === 'object' ? { seq: head.seq, hash: head.hash } : null;
  return [{ type: ALTERED, body: { found, head: named } }];
}

function isWrittenDown(chain: Chain, head: HeadOnDisk): boolean {
  return chain.lines.some(({ type, struck, body }) => {
    if (type !== ALTERED || struck || typeof head !== 'object') return false;
    const { head: named } = JSON.parse(body.toString()) as { readonly head: ChainHead | null };
    return named?.seq === head.seq && named.hash === head.hash;
  });
}

/** Held against every line that is one, also of a chain that is broken before it. */
function disagreement(bytes: Buffer, head: HeadOnDisk): string | undefined {
  const last = lastOf(bytes.subarray(0, bytes.lastIndexOf(LINE_END) + 1));
  if (head === 'unreadable') return 'the head file beside it was changed';
  if (head === 'missing') return last.seq === 0 ? undefined : 'the head file beside it was missing';
  if (head.seq === 0 || (head.seq === last.seq && head.hash === last.hash)) return undefined;
  const named = `the head file named entry ${head.seq}, sha256:${head.hash}`;
  if (head.seq > last.seq) return `${named}, and the last one was ${last.seq}`;
  return hasLine(bytes, head) ? undefined : `${named}, which is not there`;
}

function hasLine(bytes: Buffer, { seq, hash }: ChainHead): boolean {
  for (let start = 0, end = 0; (end = bytes.indexOf(LINE_END, start)) !== -1; start = end + 1) {
    const line = parseLine(bytes.subarray(start, end));
    if (line?.seq === seq && line.hash === hash) return true;
  }
  return false;
}

const LINE_END = 0x0a;

/** Where to go on: the last line, also of a chain that is broken before it. */
function lastOf(bytes: Buffer): ChainHead {
  const start = bytes.lastIndexOf(LINE_END, bytes.length - 2) + 1;
  const line = bytes.length === 0 ? undefined : parseLine(bytes.subarray(start, bytes.length - 1));
  return line === undefined ? CHAIN_START : { seq: line.seq, hash: line.hash };
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
