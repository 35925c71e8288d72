import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainHead } from '../line.ts';
import type { LineSink } from '../sink.ts';
import { StoreError } from '../store.ts';
import type { ChainState, Chains } from './chains.ts';
import { linesOf } from './chains.ts';
import type { HeldLease } from './leases.ts';
import { databaseError, isPassing } from './link.ts';

const PAUSE_MS = 100;

/** The lines of a run in a table, written under a lease. */
export class RowSink implements LineSink {
  readonly #run: string;
  readonly #chains: Chains;
  readonly #lost: AbortSignal;
  readonly #tryMs: number;
  #state: ChainState;

  /** `state`: where the chain stands, with the epoch of the lease. */
  constructor(
    run: string,
    chains: Chains,
    state: ChainState,
    { lost, tryMs }: Pick<HeldLease, 'lost' | 'tryMs'>,
  ) {
    this.#run = run;
    this.#chains = chains;
    this.#state = state;
    this.#lost = lost;
    this.#tryMs = tryMs;
  }

  async write(text: string, head: ChainHead): Promise<void> {
    const before = this.#state;
    const after = { ...before, ...head, sealed: false };
    const lines = linesOf(Buffer.from(text));
    // Whether one without an answer took effect is read, by epoch and head; it is never sent again unless it did not.
    for (;;) {
      const append = this.#chains.append('run', this.#run, { before, lines, head }, this.#limit());
      if ((await this.#answered(append)) === true) break;
      const now = await this.#read();
      if (isAt(now, after)) break;
      if (!isAt(now, before)) throw this.#refused(now);
    }
    this.#state = after;
  }

  async seal(): Promise<void> {
    this.#lost.throwIfAborted();
    if (!(await this.#chains.seal(this.#run, this.#state)))
      throw this.#refused(await this.#chains.state('run', this.#run));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #read(): Promise<ChainState | undefined> {
    for (;;) {
      const answer = await this.#answered(
        this.#chains.state('run', this.#run, this.#limit()).then((state) => ({ state })),
      );
      if (answer !== undefined) return answer.state;
    }
  }

  /** Undefined when the connection broke, after a moment. Rejects once the lease is lost. */
  async #answered<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      this.#lost.throwIfAborted();
      if (!isPassing(error)) throw databaseError(`the journal of run ${this.#run} cannot be written`, error);
      await sleep(PAUSE_MS);
      this.#lost.throwIfAborted();
      return undefined;
    }
  }

  /** A connection that is cut without a word is given up, and another one made. */
  #limit(): AbortSignal {
    return AbortSignal.any([this.#lost, AbortSignal.timeout(this.#tryMs)]);
  }

  #refused(now: ChainState | undefined): StoreError {
    if (now !== undefined && now.epoch !== this.#state.epoch)
      return new StoreError('locked', `run ${this.#run} was taken over by another process`, {
        hint: 'Nothing more was written here. It goes on there.',
      });
    return new StoreError(
      'altered',
      `the journal of run ${this.#run} is not where this process left it: it was changed by another hand`,
      { hint: '`drillbook audit --verify` says what is wrong with it.' },
    );
  }
}

const isAt = (now: ChainState | undefined, { epoch, seq, hash }: ChainState): boolean =>
  now?.epoch === epoch && now.seq === seq && now.hash === hash;
