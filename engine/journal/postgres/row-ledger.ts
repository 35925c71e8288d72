import type { Redactor } from '../redact.ts';
import type { Clock } from '../../base/clock.ts';
import type { KeptLedger, LoadedLedger, NewEntry } from '../ledger-lines.ts';
import {
  entriesOf,
  expectEntries,
  judgedLedger,
  nextLines,
  placeIn,
  verificationOf,
} from '../ledger-lines.ts';
import type { Ledger, LedgerEntry, LinePlace, Lock } from '../store.ts';
import { StoreError } from '../store.ts';
import type { Chains, StoredChain } from './chains.ts';
import { linesOf } from './chains.ts';
import { guarded } from './link.ts';

export interface LedgerParts {
  readonly chains: Chains;
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** The store, in words. */
  readonly place: string;
  /** One process at a time, for a purpose. */
  readonly lock: (name: string, purpose: string) => Promise<Lock>;
}

/** So many others may come first, each of which wrote something. */
const TRIES = 1000;

/**
 * A ledger in a table. Several processes write to it: one that finds that another was first reads again, and
 * goes on after it.
 */
export class RowLedger implements KeptLedger {
  readonly #name: string;
  readonly #parts: LedgerParts;

  constructor(name: string, parts: LedgerParts) {
    this.#name = name;
    this.#parts = parts;
  }

  append(...entries: readonly NewEntry[]): Promise<string> {
    return this.#guarded('written', async () => {
      const { chains } = this.#parts;
      for (let tries = 0; tries < TRIES; tries += 1) {
        const stored = await chains.load('ledger', this.#name);
        if (stored === undefined) {
          await chains.begin('ledger', this.#name);
          continue;
        }
        const { text, head } = nextLines(judged(stored), entries, this.#parts);
        const lines = linesOf(Buffer.from(text));
        if (await chains.append('ledger', this.#name, { before: stored, lines, head })) return head.hash;
      }
      throw new StoreError('locked', `the ledger ${this.#name} is written by too many at once`);
    });
  }

  async read(): Promise<readonly LedgerEntry[]> {
    return expectEntries(this.#name, await this.#load(), `its lines in ${this.#parts.place}`);
  }

  async verify(): ReturnType<Ledger['verify']> {
    return verificationOf(await this.#load());
  }

  async entries(): Promise<readonly LedgerEntry[] | undefined> {
    const { chain, head } = await this.#load();
    const isThere = head !== 'missing' || chain.head.seq > 0;
    return isThere && chain.problem === undefined ? entriesOf(chain) : undefined;
  }

  async place(hash: string): Promise<LinePlace | undefined> {
    return placeIn(await this.#load(), hash);
  }

  async exists(): Promise<boolean> {
    return (await this.#load()).head !== 'missing';
  }

  lock(purpose: string): Promise<Lock> {
    return this.#parts.lock(this.#name, purpose);
  }

  #load(): Promise<LoadedLedger> {
    return this.#guarded('read', async () => {
      const stored = await this.#parts.chains.load('ledger', this.#name);
      return stored === undefined ? judgedLedger(Buffer.alloc(0), 'missing') : judged(stored);
    });
  }

  #guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
    return guarded(`the ledger ${this.#name} in ${this.#parts.place} cannot be ${what}`, work);
  }
}

const judged = (stored: StoredChain): LoadedLedger => judgedLedger(stored.bytes, stored);
