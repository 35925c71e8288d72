import type { Head } from '../head.ts';
import type { ChainHead } from '../line.ts';
import { CHAIN_START } from '../line.ts';
import type { Link, Row } from './link.ts';
import type { Tables } from './tables.ts';

export type ChainKind = 'run' | 'ledger';

/** Where a chain stands, and who may write to it. */
export interface ChainState extends Head {
  readonly epoch: number;
}

export interface StoredChain extends ChainState {
  /** All lines. */
  readonly bytes: Buffer;
}

/** The chains of lines in a database: journals of runs, and ledgers. */
export class Chains {
  readonly #link: Link;
  readonly #t: Tables;

  constructor(link: Link, tables: Tables) {
    this.#link = link;
    this.#t = tables;
  }

  /** False when there is one of that name. */
  async begin(kind: ChainKind, name: string): Promise<boolean> {
    const rows = await this.#link.run(
      `insert into ${this.#t.journals} (kind, name, seq, hash) values ($1, $2, 0, $3)
       on conflict do nothing returning 1`,
      [kind, name, CHAIN_START.hash],
    );
    return rows.length > 0;
  }

  /** Head and lines of one moment. */
  async load(kind: ChainKind, name: string): Promise<StoredChain | undefined> {
    const [row] = await this.#link.ask(
      `select epoch::text, seq::text, hash, sealed,
         coalesce((select string_agg(l.line, ''::bytea order by l.seq) from ${this.#t.lines} l
           where l.kind = j.kind and l.name = j.name), ''::bytea) as bytes
       from ${this.#t.journals} j where kind = $1 and name = $2`,
      [kind, name],
    );
    return row && { ...stateIn(row), bytes: row['bytes'] as Buffer };
  }

  /** Names and states, the last name first. */
  async list(kind: ChainKind): Promise<readonly (ChainState & { readonly name: string })[]> {
    const rows = await this.#link.ask(
      `select name, epoch::text, seq::text, hash, sealed from ${this.#t.journals}
       where kind = $1 order by name desc`,
      [kind],
    );
    return rows.map((row) => ({ name: String(row['name']), ...stateIn(row) }));
  }

  async state(kind: ChainKind, name: string, limit?: AbortSignal): Promise<ChainState | undefined> {
    const [row] = await this.#link.run(
      `select epoch::text, seq::text, hash, sealed from ${this.#t.journals} where kind = $1 and name = $2`,
      [kind, name],
      limit,
    );
    return row && stateIn(row);
  }

  /**
   * Adds lines in one statement, where the chain stands as `before` says and nobody else was given the right to
   * write since; false where it does not. `head`: the last of the lines.
   */
  async append(
    kind: ChainKind,
    name: string,
    added: { readonly before: ChainState; readonly lines: readonly Buffer[]; readonly head: ChainHead },
    limit?: AbortSignal,
  ): Promise<boolean> {
    const { before, lines, head } = added;
    const rows = await this.#link.run(
      `with moved as (
         update ${this.#t.journals} set seq = $6, hash = $7, sealed = false
         where kind = $1 and name = $2 and epoch = $3 and seq = $4 and hash = $5 returning 1
       ), added as (
         insert into ${this.#t.lines} (kind, name, seq, line)
         select $1, $2, $8 + n, line from unnest($9::bytea[]) with ordinality as given (line, n), moved
       )
       select pg_notify($10, $2) from moved`,
      [
        ...[kind, name, before.epoch, before.seq, before.hash, head.seq, head.hash],
        ...[head.seq - lines.length],
        lines,
        this.#t.schema,
      ],
      limit,
    );
    return rows.length > 0;
  }

  /** False where the chain does not end there any more, or another has the right to write. */
  async seal(name: string, { epoch, seq, hash }: ChainState): Promise<boolean> {
    const rows = await this.#link.ask(
      `update ${this.#t.journals} set sealed = true
       where kind = 'run' and name = $1 and epoch = $2 and seq = $3 and hash = $4 returning 1`,
      [name, epoch, seq, hash],
    );
    return rows.length > 0;
  }

  /** From now on nobody who was given the right to write before can. Undefined when somebody was given it later. */
  async fence(name: string, epoch: number): Promise<ChainState | undefined> {
    const [row] = await this.#link.ask(
      `update ${this.#t.journals} set epoch = $2 where kind = 'run' and name = $1 and epoch <= $2
       returning epoch::text, seq::text, hash, sealed`,
      [name, epoch],
    );
    return row && stateIn(row);
  }
}

const stateIn = (row: Row): ChainState => ({
  epoch: Number(row['epoch']),
  seq: Number(row['seq']),
  hash: String(row['hash']),
  sealed: row['sealed'] === true,
});

/** Each with its end, byte for byte. */
export function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0, end = 0; (end = bytes.indexOf(0x0a, start)) !== -1; start = end + 1)
    lines.push(bytes.subarray(start, end + 1));
  return lines;
}
