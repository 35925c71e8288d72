import type { Event } from '../model/event.ts';
import type { Listed } from './listing.ts';
import { isOwn, listRuns } from './listing.ts';
import type { Kept } from './overview-file.ts';
import { OverviewFile } from './overview-file.ts';
import type { Fold, RunOverview } from './store.ts';
import { StoreError } from './store.ts';

/** After how many journals that had to be read what was made of them is kept. */
const KEEP_AFTER = 1000;

/** What the store says for it. */
export interface Journals {
  read(run: string): Promise<readonly Event[]>;
  /** Those of these runs whose end is not certified. */
  unsealedOf(runs: readonly string[]): Promise<readonly string[]>;
}

/** Makes something of every run of a store, and reads no journal again that has not changed since. */
export class Overview {
  readonly #root: string;
  readonly #journals: Journals;
  readonly #file: OverviewFile;

  constructor(root: string, journals: Journals) {
    this.#root = root;
    this.#journals = journals;
    this.#file = new OverviewFile(root);
  }

  /** See `Store.overview`. */
  async of<T>(fold: Fold<T>): Promise<readonly RunOverview<T>[]> {
    const before = this.#file.read<T>(fold.id);
    const now = new Map<string, Kept<T>>();
    const all: RunOverview<T>[] = [];
    let read = 0;
    for (const { run, stamp, isYoung } of listRuns(this.#root)) {
      const known = before.get(run);
      const isKnown = known?.stamp === stamp;
      const made = isKnown ? known.made : await this.#made(run, fold);
      all.push({ run, ...(made !== undefined && { made }) });
      if (made === undefined || isYoung) continue;
      now.set(run, isKnown ? known : { stamp, made, settled: false });
      if (isKnown) continue;
      read += 1;
      // A listing of a large store that is killed has not read all of it for nothing.
      if (read % KEEP_AFTER === 0) await this.#keep(fold.id, new Map([...before, ...now]));
    }
    const isSame = read === 0 && now.size === before.size;
    if (!isSame) await this.#keep(fold.id, await this.#withSettled(now));
    return all;
  }

  /** Those of the runs of which it is not known that their end is certified. */
  unsettled(runs: readonly Listed[]): readonly string[] {
    const settled = this.#file.settled();
    return runs.filter(({ run, stamp }) => settled.get(run) !== stamp).map(({ run }) => run);
  }

  /** Forgets all of it, for good. */
  clear(): Promise<void> {
    return this.#file.clear();
  }

  async #made<T>(run: string, { make }: Fold<T>): Promise<T | undefined> {
    try {
      return make(await this.#journals.read(run));
    } catch (error) {
      if (error instanceof StoreError) return undefined;
      throw error;
    }
  }

  async #withSettled<T>(kept: ReadonlyMap<string, Kept<T>>): Promise<ReadonlyMap<string, Kept<T>>> {
    const unknown = [...kept].filter(([, { settled }]) => !settled).map(([run]) => run);
    const open = new Set(await this.#journals.unsealedOf(unknown));
    return new Map(
      [...kept].map(([run, each]) => [run, { ...each, settled: each.settled || !open.has(run) }]),
    );
  }

  /** In a store of another account, or on a full disk, nothing is kept: the next command reads it all again. */
  async #keep<T>(fold: string, kept: ReadonlyMap<string, Kept<T>>): Promise<void> {
    if (!isOwn(this.#root)) return;
    await this.#file.replace(fold, kept).catch(() => undefined);
  }
}
