import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keptText, readKeptJson } from '../base/kept-json.ts';
import { takeLock } from './lock.ts';
import type { Stamp } from './listing.ts';
import { stampOf } from './listing.ts';

/** What is kept of one run. */
export interface Kept<T> {
  readonly stamp: Stamp;
  readonly made: T;
  /** Its end is certified in its journal and in the register: there is nothing to make good. */
  readonly settled: boolean;
}

interface Content<T> {
  readonly fold: string;
  readonly runs: readonly (readonly [run: string, kept: Kept<T>])[];
}

/**
 * What was made of each run's journal, kept in one file, so that nobody has to read ten thousand journals to list them.
 * It is no source of truth: what it says of a run counts as long as journal and head file are the very ones that it
 * was made of, and whoever loses or removes the file loses nothing but time.
 */
export class OverviewFile {
  readonly #root: string;
  readonly #path: string;
  #loaded: { readonly stamp: Stamp | undefined; readonly content: Content<unknown> | undefined } | undefined;

  constructor(root: string) {
    this.#root = root;
    this.#path = join(root, 'overview.json');
  }

  /** What is kept under the name of a fold; nothing where another one was kept, or the file is not what was written. */
  read<T>(fold: string): ReadonlyMap<string, Kept<T>> {
    const content = this.#load();
    if (content?.fold !== fold) return new Map();
    return new Map(content.runs as Content<T>['runs']);
  }

  /** The runs of which it is known that nothing is to be made good, whatever was made of them. */
  settled(): ReadonlyMap<string, Stamp> {
    const kept = this.#load()?.runs ?? [];
    return new Map(kept.filter(([, { settled }]) => settled).map(([run, { stamp }]) => [run, stamp]));
  }

  /**
   * Puts another content in its place, as a whole. Of several processes one does, and only where the file is still
   * the one that was read: what another one has removed from it must not come back.
   */
  async replace<T>(fold: string, runs: ReadonlyMap<string, Kept<T>>): Promise<void> {
    const before = this.#loaded?.stamp;
    const content: Content<T> = { fold, runs: [...runs] };
    await this.#locked(async () => {
      if (stampOf(this.#path) !== before) return;
      await this.#write(JSON.stringify(content));
      this.#loaded = { stamp: stampOf(this.#path), content };
    });
  }

  /** Forgets everything, for good: something was struck out that may stand in it. */
  async clear(): Promise<void> {
    this.#loaded = undefined;
    // Emptied and not removed: whoever has read it before finds another file, and writes nothing of it back.
    while (!(await this.#locked(() => this.#write('')))) await new Promise(setImmediate);
  }

  #load(): Content<unknown> | undefined {
    const stamp = stampOf(this.#path);
    if (this.#loaded === undefined || this.#loaded.stamp !== stamp)
      this.#loaded = { stamp, content: stamp === undefined ? undefined : readContent(this.#path) };
    return this.#loaded.content;
  }

  /** The draft is written by whoever holds the lock, and by nobody else; one of a process that died is written over. */
  async #write(json: string): Promise<void> {
    const draft = `${this.#path}.draft`;
    await writeFile(draft, keptText(json), { mode: 0o600, flush: true });
    await rename(draft, this.#path);
  }

  /** False when another process has the lock. */
  async #locked(work: () => Promise<void>): Promise<boolean> {
    const path = join(this.#root, 'locks', 'overview');
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const taken = await takeLock(path, { run: 'overview', since: new Date().toISOString() });
    if (!taken.ok) return false;
    try {
      await work();
      return true;
    } finally {
      await taken.value.release();
    }
  }
}

function readContent(path: string): Content<unknown> | undefined {
  const json = readKeptJson(path);
  // The digest says that it is what this class wrote.
  return json === undefined ? undefined : (JSON.parse(json) as Content<unknown>);
}
