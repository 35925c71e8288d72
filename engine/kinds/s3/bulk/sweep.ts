import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { isHopeless } from '../client/errors.ts';

/** What was counted so far: outcomes by name, and `bytes`. */
export type Tally = Record<string, number>;

/** The state of a sweep as it is journaled. */
export interface Mark {
  /** All keys up to and including this one are done. */
  readonly after: string | undefined;
  readonly tally: Tally;
}

/** Items whose work is done but not yet those before them: so many at most, for memory. */
const WINDOW = 100_000;
/** A checkpoint is one line in the journal; after a crash less than this much is looked at again. */
const CHECKPOINT_ITEMS = 2000;
const CHECKPOINT_MS = 5000;
const SAMPLES = 20;

export interface Failed {
  readonly key: string;
  readonly error: StepError;
}

export interface Swept {
  readonly tally: Tally;
  /** How many items failed, and the first of them. */
  readonly failures: { readonly count: number; readonly first: readonly Failed[] };
}

/**
 * Works on a stream of items in key order, many at a time, in flat memory. Remembers the key below
 * which all is done and saves it in groups, so that a later life begins there. An item that fails
 * does not stop the others, and holds the mark; only what makes all others fail too is thrown.
 */
export async function sweep<T>(options: {
  readonly items: AsyncIterable<T> | Iterable<T>;
  readonly keyOf: (item: T) => string;
  /** Returns what to count. Throws `StepError` when the item failed. */
  readonly work: (item: T) => Promise<Tally>;
  readonly concurrency: number;
  readonly start: Mark;
  readonly save: (mark: Mark) => Promise<void>;
  readonly context: Pick<StepContext, 'clock' | 'signal'>;
  /** Told after each item, with the tally of all that is done. */
  readonly progress?: (tally: Tally) => void;
}): Promise<Swept> {
  const { items, work, context } = options;
  const passed = new Watermark(options.start);
  const live: Tally = { ...options.start.tally };
  const first: Failed[] = [];
  let failed = 0;
  let fatal: { readonly error: unknown } | undefined;
  let saving: Promise<void> | undefined;
  let savedAt = context.clock.monotonic();
  let unsaved = 0;

  const save = async (): Promise<void> => {
    await saving;
    unsaved = 0;
    savedAt = context.clock.monotonic();
    saving = options.save(passed.mark());
    await saving;
  };

  const one = async (item: T, index: number): Promise<void> => {
    try {
      const tally = await work(item);
      add(live, tally);
      passed.done(index, tally);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof StepError) || isHopeless(error)) throw error;
      failed++;
      if (first.length < SAMPLES) first.push({ key: options.keyOf(item), error });
      passed.failed(index);
    }
    options.progress?.(live);
    if (++unsaved >= CHECKPOINT_ITEMS || context.clock.monotonic() - savedAt >= CHECKPOINT_MS) await save();
  };

  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let turn: Promise<unknown> = Promise.resolve();
  let index = 0;
  const read = async (): Promise<{ item: T; index: number } | undefined> => {
    const next = fatal === undefined ? await iterator.next() : undefined;
    if (next === undefined || next.done === true) return undefined;
    const at = index++;
    passed.begin(at, options.keyOf(next.value));
    return { item: next.value, index: at };
  };
  /** One reader at a time, so that indices follow the order of keys. */
  const take = (): ReturnType<typeof read> => {
    const mine = turn.then(read);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const worker = async (): Promise<void> => {
    while (fatal === undefined) {
      try {
        await passed.room();
        const taken = await take();
        if (taken === undefined) return;
        await one(taken.item, taken.index);
      } catch (error) {
        fatal ??= { error };
        passed.open();
        return;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, worker));
  } finally {
    await iterator.return?.();
    // Also when it was stopped: what is done need not be looked at again.
    if (unsaved > 0) await save().catch((error: unknown) => (fatal ??= { error }));
  }
  if (fatal !== undefined) throw fatal.error;
  return { tally: live, failures: { count: failed, first } };
}

/** Knows up to which key all is done. */
class Watermark {
  /** Keys of items begun and not yet below the mark, by their index. */
  readonly #keys = new Map<number, string>();
  readonly #done = new Map<number, Tally>();
  readonly #tally: Tally;
  readonly #waiting: (() => void)[] = [];
  #after: string | undefined;
  #next = 0;
  /** The first item that failed: the mark stays below it, and what comes after is not remembered. */
  #failedAt = Infinity;
  #isOpen = false;

  constructor(start: Mark) {
    this.#after = start.after;
    this.#tally = { ...start.tally };
  }

  begin(index: number, key: string): void {
    if (index < this.#failedAt) this.#keys.set(index, key);
  }

  done(index: number, tally: Tally): void {
    if (index > this.#failedAt) return;
    this.#done.set(index, tally);
    for (let next = this.#done.get(this.#next); next !== undefined; next = this.#done.get(this.#next)) {
      add(this.#tally, next);
      this.#after = this.#keys.get(this.#next);
      this.#done.delete(this.#next);
      this.#keys.delete(this.#next);
      this.#next++;
    }
    if (this.#keys.size < WINDOW) this.#wake();
  }

  failed(index: number): void {
    this.#failedAt = Math.min(this.#failedAt, index);
    for (const known of this.#keys.keys()) {
      if (known < this.#failedAt) continue;
      this.#keys.delete(known);
      this.#done.delete(known);
    }
    this.#wake();
  }

  mark(): Mark {
    return { after: this.#after, tally: { ...this.#tally } };
  }

  /** Waits while too many items are ahead of one that takes long. */
  async room(): Promise<void> {
    while (!this.#isOpen && this.#keys.size >= WINDOW) {
      await new Promise<void>((wake) => this.#waiting.push(wake));
    }
  }

  /** Lets all go that wait: it is over. */
  open(): void {
    this.#isOpen = true;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function add(sum: Tally, tally: Tally): void {
  for (const [name, count] of Object.entries(tally)) sum[name] = (sum[name] ?? 0) + count;
}
