import { createHash } from 'node:crypto';
import type { Head } from '../head.ts';
import type { ChainKind, Kept, Shelf } from '../shelf.ts';
import { StoreError } from '../store.ts';
import { parseLine } from '../line.ts';
import type { ChainState } from './chains.ts';
import { Chains, linesOf } from './chains.ts';
import { EvidenceRows } from './evidence-rows.ts';
import type { Database } from './link.ts';
import { Link, guarded } from './link.ts';
import { SCHEMA, tablesIn } from './tables.ts';

/** So many lines go in one statement. */
const BATCH = 500;

/** A store in a database, for what copies it. */
export class RowShelf implements Shelf {
  readonly #place: string;
  readonly #link: Link;
  readonly #chains: Chains;
  readonly #evidence: EvidenceRows;

  constructor(database: Database, schema = SCHEMA) {
    const t = tablesIn(schema);
    this.#place = database.place;
    this.#link = new Link(database, t);
    this.#chains = new Chains(this.#link, t);
    this.#evidence = new EvidenceRows(this.#link, t);
  }

  names(kind: ChainKind): Promise<readonly string[]> {
    return this.#guarded(async () => {
      const all = await this.#chains.list(kind);
      return all.filter(({ seq }) => seq > 0).map(({ name }) => name);
    });
  }

  load(kind: ChainKind, name: string): Promise<Kept | undefined> {
    return this.#guarded(async () => {
      const stored = await this.#chains.load(kind, name);
      return stored && { bytes: stored.bytes, head: headIn(stored) };
    });
  }

  add(
    kind: ChainKind,
    name: string,
    { after, lines, head }: { readonly after: Kept | undefined; readonly lines: Buffer; readonly head: Head },
  ): Promise<void> {
    return this.#guarded(async () => {
      await this.#chains.begin(kind, name);
      const state = await this.#chains.state(kind, name);
      const expected = after === undefined ? 0 : typeof after.head === 'object' ? after.head.seq : -1;
      if (state?.seq !== expected) throw moved(name);
      const end = await this.#append(kind, name, state, linesOf(lines));
      if (head.sealed && kind === 'run' && !(await this.#chains.seal(name, end))) throw moved(name);
    });
  }

  file(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined> {
    return this.#guarded(() => this.#evidence.read(run, file));
  }

  keep(
    run: string,
    { file, sha256 }: { readonly file: string; readonly sha256: string },
    bytes: AsyncIterable<Buffer>,
  ): Promise<void> {
    return this.#guarded(async () => {
      const digest = createHash('sha256');
      const counted = await this.#evidence.keepParts(
        run,
        sha256,
        seen(bytes, (part) => digest.update(part)),
      );
      if (digest.digest('hex') !== sha256)
        throw new StoreError('altered', `the attachment ${file} of run ${run} is not what its journal says`);
      await this.#evidence.name(run, { file, sha256, bytes: counted });
    });
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async #append(
    kind: ChainKind,
    name: string,
    start: ChainState,
    lines: readonly Buffer[],
  ): Promise<ChainState> {
    let state = start;
    for (let from = 0; from < lines.length; from += BATCH) {
      const batch = lines.slice(from, from + BATCH);
      const last = parseLine(batch.at(-1)?.subarray(0, -1) ?? Buffer.alloc(0));
      if (last === undefined) throw new TypeError('no line of a journal');
      const head = { seq: last.seq, hash: last.hash };
      if (!(await this.#chains.append(kind, name, { before: state, lines: batch, head }))) throw moved(name);
      state = { ...state, ...head, sealed: false };
    }
    return state;
  }

  #guarded<T>(work: () => Promise<T>): Promise<T> {
    return guarded(`the store in ${this.#place} cannot be copied`, work);
  }
}

const headIn = ({ seq, hash, sealed }: ChainState): Head => ({ seq, hash, sealed });

const moved = (name: string): StoreError =>
  new StoreError('locked', `${name} was written to by another process meanwhile`, {
    hint: 'Do it once more.',
  });

async function* seen(bytes: AsyncIterable<Buffer>, look: (part: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const part of bytes) {
    look(part);
    yield part;
  }
}
