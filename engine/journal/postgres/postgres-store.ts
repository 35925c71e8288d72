import { mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../model/event.ts';
import type { Inbox, Vault } from '../../model/ports.ts';
import { attachFile } from '../attach.ts';
import type { Loaded } from '../files.ts';
import { eventsOf, judged, noSuchRun, refuseStruck, whole } from '../files.ts';
import { LOOK_MS, follow } from '../follow.ts';
import type { StoreOptions } from '../open-journal.ts';
import { openJournal } from '../open-journal.ts';
import { Register } from '../register.ts';
import { runFolder } from '../run-folder.ts';
import type {
  Fold,
  Ledger,
  LinePlace,
  Lock,
  OpenRun,
  RegisterVerification,
  RunOverview,
  Store,
  Verification,
} from '../store.ts';
import { StoreError } from '../store.ts';
import { struckOut } from '../strike.ts';
import { SealedVault } from '../vault.ts';
import { findLine, verifyRun } from '../verify.ts';
import { Chains, linesOf } from './chains.ts';
import type { ChainState } from './chains.ts';
import { EvidenceRows } from './evidence-rows.ts';
import { RowInbox } from './inbox-rows.ts';
import type { HeldLease } from './leases.ts';
import { Leases } from './leases.ts';
import type { Database } from './link.ts';
import { Link, guarded } from './link.ts';
import { Notices } from './notices.ts';
import { overviewOf } from './overview-rows.ts';
import { forgetRun, removeRun } from './removal.ts';
import { RowLedger } from './row-ledger.ts';
import { RowSink } from './row-sink.ts';
import { sealedRows } from './sealed-rows.ts';
import { mayWrite } from './status.ts';
import { SCHEMA, tablesIn } from './tables.ts';
import type { Tables } from './tables.ts';

export interface PostgresStoreOptions extends StoreOptions {
  /** A folder of this machine, for what steps write. */
  readonly scratch: string;
  /** Another one than `drillbook`. */
  readonly schema?: string;
  /** How long a writer who is not heard of is left alone. */
  readonly leaseMs?: number;
}

/** A store in a database: what several machines share. Closed by `close`, which leaves the store as it is. */
export class PostgresStore implements Store {
  readonly place: string;
  readonly #options: PostgresStoreOptions;
  readonly #t: Tables;
  readonly #link: Link;
  readonly #renewals: Link;
  readonly #notices: Notices;
  readonly #chains: Chains;
  readonly #leases: Leases;
  readonly #evidence: EvidenceRows;
  readonly #register: Register;

  constructor(database: Database, options: PostgresStoreOptions) {
    this.place = database.place;
    this.#options = options;
    this.#t = tablesIn(options.schema ?? SCHEMA);
    this.#link = new Link(database, this.#t);
    this.#renewals = new Link(database, this.#t);
    this.#notices = new Notices(database, this.#t.schema);
    this.#chains = new Chains(this.#link, this.#t);
    this.#leases = new Leases({ link: this.#link, renewals: this.#renewals }, this.#t, {
      clock: options.clock,
      ...(options.leaseMs !== undefined && { lastsMs: options.leaseMs }),
    });
    this.#evidence = new EvidenceRows(this.#link, this.#t);
    this.#register = new Register(this.#ledger('register'));
  }

  async create(run: string): Promise<OpenRun> {
    const { files } = runFolder(this.#options.scratch, run);
    return guarded(`run ${run} cannot be created in ${this.place}`, async () => {
      if (!(await this.#chains.begin('run', run)))
        throw new StoreError('io', `there is a run ${run} already`);
      return this.#underLease(run, async (lease) => {
        const state = await this.#fenced(run, lease);
        await this.#register.enter(run, () => this.#runsBefore(run));
        await mkdir(files, { recursive: true, mode: 0o700 });
        return this.#openRun(run, { lease, state, loaded: await this.#load(run) });
      });
    });
  }

  async open(run: string): Promise<OpenRun> {
    const { files } = runFolder(this.#options.scratch, run);
    return guarded(`run ${run} cannot be opened`, async () => {
      await this.#load(run);
      return this.#underLease(run, async (lease) => {
        const state = await this.#fenced(run, lease);
        const loaded = whole(run, await this.#load(run));
        refuseStruck(run, loaded.chain);
        await mkdir(files, { recursive: true, mode: 0o700 });
        return this.#openRun(run, { lease, state, loaded });
      });
    });
  }

  async read(run: string): Promise<readonly Event[]> {
    return eventsOf(run, whole(run, await this.#load(run)));
  }

  async list(): Promise<readonly string[]> {
    return (await this.#listed()).map(({ name }) => name);
  }

  overview<T>(fold: Fold<T>): Promise<readonly RunOverview<T>[]> {
    return guarded(`the runs in ${this.place} cannot be read`, () =>
      overviewOf({ link: this.#link, t: this.#t }, fold, (run) => this.read(run)),
    );
  }

  async verify(run: string): Promise<Verification> {
    const loaded = await this.#load(run);
    return guarded(`the attachments of run ${run} cannot be read`, () =>
      verifyRun(run, loaded, (file) => this.#evidence.digest(run, file)),
    );
  }

  async verifyRegister(): Promise<RegisterVerification> {
    return this.#register.verify(await this.list(), (run) => this.#loadIfThere(run));
  }

  async unsealed(): Promise<readonly string[]> {
    const entered = await this.#register.entered();
    return (await this.#listed())
      .filter(({ name, sealed, hash }) => {
        const known = entered?.get(name);
        return !sealed || (known !== undefined && known.ends.at(-1)?.hash !== hash);
      })
      .map(({ name }) => name);
  }

  find(hash: string): Promise<LinePlace | undefined> {
    return findLine(hash, {
      register: this.#register,
      runs: () => this.list(),
      load: (run) => this.#loadIfThere(run),
    });
  }

  ledger(name: string): Ledger {
    return this.#ledger(name);
  }

  async writer(run: string): Promise<string | undefined> {
    return guarded(`the lease of run ${run} cannot be read`, async () => {
      return (await this.#leases.holder(leaseOf(run)))?.holder;
    });
  }

  lockEnvironment(name: string, run: string): Promise<Lock> {
    return guarded(`the environment ${name} cannot be locked`, async () => {
      const taken = await this.#take(`environment/${name}`, run, true);
      if ('epoch' in taken) return taken;
      throw new StoreError(
        'locked',
        `run ${taken.run} is writing to the environment ${name} (${taken.holder})`,
        { hint: 'One run at a time may write to an environment. Wait for it or end it.' },
      );
    });
  }

  strike(run: string, seq: number): Promise<void> {
    return guarded(`event ${seq} of run ${run} cannot be struck out`, async () => {
      await this.#load(run);
      await this.#underLease(run, async (lease) => {
        await this.#fenced(run, lease);
        const { chain } = whole(run, await this.#load(run));
        const line = linesOf(struckOut(run, chain, seq))[seq - 1] ?? Buffer.alloc(0);
        await this.#link.ask(
          `with gone as (delete from ${this.#t.overviews} where run = $1)
           update ${this.#t.lines} set line = $3 where kind = 'run' and name = $1 and seq = $2
             and exists (select from ${this.#t.journals} where kind = 'run' and name = $1 and epoch = $4)`,
          [run, seq, line, lease.epoch],
        );
        await lease.release();
      });
    });
  }

  folder(run: string): string {
    return runFolder(this.#options.scratch, run).files;
  }

  journalFile(): undefined {
    return undefined;
  }

  attachment(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined> {
    return guarded(`the attachment ${file} of run ${run} cannot be read`, () =>
      this.#evidence.read(run, file),
    );
  }

  follow(run: string, from: number, signal: AbortSignal): AsyncIterable<Event> {
    return follow(from, signal, {
      read: () => this.read(run),
      change: () => this.#notices.next(LOOK_MS, signal),
    });
  }

  mayWrite(): Promise<boolean> {
    return guarded(`the rights in ${this.place} cannot be read`, () => mayWrite(this.#link, this.#t));
  }

  vault(run: string, key: () => Promise<string>): Vault {
    return new SealedVault(sealedRows(this.#link, this.#t, run), run, key);
  }

  inbox(run: string): Inbox {
    return new RowInbox(run, { link: this.#link, t: this.#t, notices: this.#notices });
  }

  /** See `removeRun`. */
  remove(run: string, reason: string): Promise<void> {
    const parts = { link: this.#link, t: this.#t, chains: this.#chains, register: this.#register };
    return guarded(`run ${run} cannot be removed`, () => removeRun(run, reason, parts));
  }

  async close(): Promise<void> {
    await Promise.all([this.#link.close(), this.#renewals.close(), this.#notices.close()]);
  }

  #ledger(name: string): RowLedger {
    return new RowLedger(name, {
      chains: this.#chains,
      clock: this.#options.clock,
      redactor: this.#options.redactor,
      place: this.place,
      lock: (ledger, purpose) => this.#lockLedger(ledger, purpose),
    });
  }

  async #lockLedger(name: string, purpose: string): Promise<Lock> {
    const taken = await guarded(`the ledger ${name} cannot be locked`, () =>
      this.#take(`ledger/${name}`, purpose, false),
    );
    if ('epoch' in taken) return taken;
    throw new StoreError('locked', `${purpose} goes on already: ${taken.holder}`, {
      hint: 'One at a time. Wait for it or end it.',
    });
  }

  /** The runs that hold at least one event, newest first. */
  async #listed(): Promise<readonly (ChainState & { readonly name: string })[]> {
    const all = await guarded(`the runs in ${this.place} cannot be listed`, () => this.#chains.list('run'));
    return all.filter(({ seq }) => seq > 0);
  }

  /** The runs of a store that has lost its register, all but the one that is being made. */
  async #runsBefore(made?: string) {
    const runs = (await this.#listed()).toReversed();
    return runs
      .filter(({ name }) => name !== made)
      .map(({ name, seq, hash }) => ({ run: name, head: { seq, hash } }));
  }

  async #load(run: string): Promise<Loaded> {
    // Refuses what is no id.
    runFolder(this.#options.scratch, run);
    const stored = await guarded(`the journal of run ${run} cannot be read`, () =>
      this.#chains.load('run', run),
    );
    if (stored === undefined) throw noSuchRun(run);
    return judged(stored.bytes, stored);
  }

  async #loadIfThere(run: string): Promise<Loaded | undefined> {
    try {
      return await this.#load(run);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'missing') return undefined;
      throw error;
    }
  }

  #take(name: string, run: string, inherits: boolean): ReturnType<Leases['take']> {
    const since = this.#options.clock.now().toString();
    const holder = `process ${process.pid} on ${hostname()}, since ${since}`;
    return this.#leases.take(name, { run, holder, inherits });
  }

  /** Gives the lease back when what it was taken for fails. */
  async #underLease<T>(run: string, work: (lease: HeldLease) => Promise<T>): Promise<T> {
    const lease = await this.#take(leaseOf(run), run, false);
    if (!('epoch' in lease))
      throw new StoreError('locked', `run ${run} is being written by ${lease.holder}`, {
        hint: 'Go on with it there, or end that process first: some seconds later it can be resumed here.',
      });
    try {
      return await work(lease);
    } catch (error) {
      await lease.release().catch(() => undefined);
      throw error;
    }
  }

  async #fenced(run: string, lease: HeldLease): Promise<ChainState> {
    const state = await this.#chains.fence(run, lease.epoch);
    if (state !== undefined) return state;
    throw new StoreError('locked', `run ${run} was taken over by another process`);
  }

  async #openRun(
    run: string,
    { lease, state, loaded }: { lease: HeldLease; state: ChainState; loaded: Loaded },
  ): Promise<OpenRun> {
    const sink = new RowSink(run, this.#chains, state, lease);
    const { journal, events } = await openJournal(run, loaded, sink, this.#options);
    const folder = this.folder(run);
    return {
      journal,
      lost: lease.lost,
      events,
      attach: async (key, path) => {
        const attachment = await attachFile(folder, key, path, this.#options.redactor);
        await this.#evidence.keep(run, attachment, join(folder, attachment.file));
        return attachment;
      },
      seal: async () => {
        // Before the seal: a crash between the two leaves a run that is sealed by the next command, this with it.
        await forgetRun(run, this.#link, this.#t);
        return this.#register.seal(run, await journal.seal(), () => this.#runsBefore());
      },
      close: async () => {
        await journal.close();
        // One that cannot be given back now ends by itself.
        await lease.release().catch(() => undefined);
      },
    };
  }
}

const leaseOf = (run: string): string => `run/${run}`;
