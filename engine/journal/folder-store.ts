import { openSync } from 'node:fs';
import { mkdir, rename, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Event } from '../model/event.ts';
import { recordedLoss } from './chain.ts';
import { attachmentProblem } from './evidence.ts';
import type { Loaded } from './files.ts';
import { eventsOf, loadJournal, refuseStruck, syncFolder, whole } from './files.ts';
import { HeadFile, readHead } from './head.ts';
import type { ChainHead } from './line.ts';
import type { LockOwner } from './lock.ts';
import { lockHolder, takeLock } from './lock.ts';
import { FolderLedger } from './ledger.ts';
import type { Listed } from './listing.ts';
import { listRuns } from './listing.ts';
import { Overview } from './overview.ts';
import type { Redactor } from './redact.ts';
import { Register } from './register.ts';
import type { RunFolder } from './run-folder.ts';
import { environmentLock, runFolder } from './run-folder.ts';
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
} from './store.ts';
import { StoreError } from './store.ts';
import { struckOut } from './strike.ts';
import type { Vault } from '../model/ports.ts';
import { FolderVault, clearVault } from './vault.ts';
import { JournalWriter, ioError } from './writer.ts';

export interface FolderStoreOptions {
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Told each event once it is durable, in order. Not told those of earlier lives, which `OpenRun.events` holds. */
  readonly onAppend?: (event: Event) => void;
}

/** A store that is a folder: `runs/<run>/journal.jsonl` and what belongs to it, `locks/`. */
export function createFolderStore(root: string, options: FolderStoreOptions): Store {
  return new FolderStore(root, options);
}

class FolderStore implements Store {
  readonly root: string;
  readonly #options: FolderStoreOptions;
  readonly #register: Register;
  readonly #overview: Overview;

  constructor(root: string, options: FolderStoreOptions) {
    this.root = root;
    this.#options = options;
    this.#register = new Register(new FolderLedger(root, 'register', options));
    this.#overview = new Overview(root, {
      read: (run) => this.read(run),
      unsealedOf: (runs) => this.#unsealedOf(runs),
    });
  }

  async create(run: string): Promise<OpenRun> {
    const folder = runFolder(this.root, run);
    return guarded(`run ${run} cannot be created in ${this.root}`, async () => {
      await mkdir(folder.files, { recursive: true, mode: 0o700 });
      const lock = await this.#lockRun(run, folder);
      return keepingLock(lock, async () => {
        try {
          await writeFile(folder.journal, '', { flag: 'wx', mode: 0o600 });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          throw new StoreError('io', `there is a run ${run} already`, { cause: error });
        }
        HeadFile.begin(folder.head);
        for (const path of [folder.path, dirname(folder.path), this.root]) await syncFolder(path);
        await this.#register.enter(run, () => this.#runsBefore());
        return this.#openRun(run, folder, lock, await loadJournal(run, folder));
      });
    });
  }

  async open(run: string): Promise<OpenRun> {
    const folder = runFolder(this.root, run);
    // Before the lock is taken: it would make a folder for a run that does not exist.
    await loadJournal(run, folder);
    return guarded(`run ${run} cannot be opened`, async () => {
      const lock = await this.#lockRun(run, folder);
      return keepingLock(lock, async () => {
        const loaded = whole(run, await loadJournal(run, folder));
        refuseStruck(run, loaded.chain);
        await mkdir(folder.files, { recursive: true, mode: 0o700 });
        return this.#openRun(run, folder, lock, loaded);
      });
    });
  }

  async read(run: string): Promise<readonly Event[]> {
    return eventsOf(run, whole(run, await loadJournal(run, runFolder(this.root, run))));
  }

  async list(): Promise<readonly string[]> {
    return (await this.#listed()).map(({ run }) => run);
  }

  async overview<T>(fold: Fold<T>): Promise<readonly RunOverview<T>[]> {
    return guarded(`the runs in ${this.root} cannot be read`, () => this.#overview.of(fold));
  }

  async verify(run: string): Promise<Verification> {
    const folder = runFolder(this.root, run);
    const { chain, sealed, ...found } = await loadJournal(run, folder);
    const problem =
      found.problem ??
      recordedLoss(chain) ??
      (await guarded(`the attachments of run ${run} cannot be read`, () =>
        attachmentProblem(folder.files, chain),
      ));
    return {
      run,
      ok: problem === undefined,
      events: chain.lines.length,
      head: chain.head.hash,
      sealed: found.problem === undefined && sealed,
      struck: chain.lines.filter(({ struck }) => struck).map(({ seq }) => seq),
      torn: chain.torn,
      ...(problem !== undefined && { problem }),
    };
  }

  async verifyRegister(): Promise<RegisterVerification> {
    return this.#register.verify(await this.list(), (run) => this.#loadIfThere(run));
  }

  async unsealed(): Promise<readonly string[]> {
    const open = this.#overview.unsettled(await this.#listed());
    return open.length === 0 ? [] : this.#unsealedOf(open);
  }

  async find(hash: string): Promise<LinePlace | undefined> {
    const entry = await this.#register.place(hash);
    if (entry !== undefined) return entry;
    for (const run of await this.list()) {
      const lines = (await this.#loadIfThere(run))?.chain.lines ?? [];
      const line = lines.findIndex((each) => each.hash === hash);
      if (line >= 0) return { run, line: line + 1, of: lines.length };
    }
    return undefined;
  }

  ledger(name: string): Ledger {
    return new FolderLedger(this.root, name, this.#options);
  }

  async writer(run: string): Promise<string | undefined> {
    const { lock } = runFolder(this.root, run);
    const holder = await guarded(`the lock of run ${run} cannot be read`, () => lockHolder(lock));
    return holder === undefined ? undefined : inWords(holder);
  }

  async lockEnvironment(name: string, run: string): Promise<Lock> {
    const path = environmentLock(this.root, name);
    return guarded(`the environment ${name} cannot be locked`, async () => {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const taken = await takeLock(path, this.#purpose(run));
      if (taken.ok) return taken.value;
      const holder = taken.error;
      throw new StoreError(
        'locked',
        `run ${holder.run} is writing to the environment ${name} (${inWords(holder)})`,
        {
          hint: `One run at a time may write to an environment. Wait for it or end it. ${outOfSight(path)}`,
        },
      );
    });
  }

  async strike(run: string, seq: number): Promise<void> {
    const folder = runFolder(this.root, run);
    await loadJournal(run, folder);
    await guarded(`event ${seq} of run ${run} cannot be struck out`, async () => {
      const lock = await this.#lockRun(run, folder);
      try {
        const { chain } = whole(run, await loadJournal(run, folder));
        const draft = `${folder.journal}.draft`;
        await writeFile(draft, struckOut(run, chain, seq), { mode: 0o600, flush: true });
        await rename(draft, folder.journal);
        await syncFolder(folder.path);
        await this.#overview.clear();
      } finally {
        await lock.release();
      }
    });
  }

  folder(run: string): string {
    return runFolder(this.root, run).files;
  }

  vault(run: string, key: () => Promise<string>): Vault {
    return new FolderVault(runFolder(this.root, run).sealed, run, key);
  }

  #listed(): Promise<readonly Listed[]> {
    return guarded(`the runs in ${this.root} cannot be listed`, () => Promise.resolve(listRuns(this.root)));
  }

  async #unsealedOf(runs: readonly string[]): Promise<readonly string[]> {
    const entered = await this.#register.entered();
    return guarded(`the runs in ${this.root} cannot be read`, async () => {
      const open: string[] = [];
      for (const run of runs) {
        const head = await readHead(runFolder(this.root, run).head);
        const isSealed = typeof head === 'object' && head.sealed;
        if (!isSealed || (entered?.has(run) === true && entered.get(run)?.ends.at(-1)?.hash !== head.hash))
          open.push(run);
      }
      return open;
    });
  }

  /** The runs of a store that was begun before there was a register. */
  async #runsBefore(): Promise<readonly { readonly run: string; readonly head: ChainHead }[]> {
    const found: { run: string; head: ChainHead }[] = [];
    for (const run of (await this.list()).toReversed()) {
      const head = (await this.#loadIfThere(run))?.chain.head;
      if (head !== undefined) found.push({ run, head });
    }
    return found;
  }

  async #loadIfThere(run: string): Promise<Loaded | undefined> {
    try {
      return await loadJournal(run, runFolder(this.root, run));
    } catch (error) {
      if (error instanceof StoreError && error.code === 'missing') return undefined;
      throw error;
    }
  }

  #purpose(run: string): { readonly run: string; readonly since: string } {
    return { run, since: this.#options.clock.now().toString() };
  }

  async #lockRun(run: string, folder: RunFolder): Promise<Lock> {
    const taken = await takeLock(folder.lock, this.#purpose(run));
    if (taken.ok) return taken.value;
    throw new StoreError('locked', `run ${run} is being written by ${inWords(taken.error)}`, {
      hint: `Go on with it there, or end that process first. ${outOfSight(folder.lock)}`,
    });
  }

  async #openRun(run: string, folder: RunFolder, lock: Lock, loaded: Loaded): Promise<OpenRun> {
    const { chain, sealed, lost } = loaded;
    const events = eventsOf(run, loaded);
    if (chain.torn > 0) await truncate(folder.journal, chain.length);
    // A note of the repair belongs to the events that were there, which nobody is told of.
    let listening = false;
    const journal = new JournalWriter({
      run,
      file: openSync(folder.journal, 'a'),
      headFile: new HeadFile(folder.head),
      head: chain.head,
      sealed,
      clock: this.#options.clock,
      redactor: this.#options.redactor,
      onAppend: (event) => {
        if (listening) this.#options.onAppend?.(event);
      },
    });
    const repair =
      chain.torn > 0 || lost !== undefined
        ? await journal.append({
            type: 'journal.repaired',
            bytes: chain.torn,
            ...(lost !== undefined && { head: lost }),
          })
        : [];
    listening = true;
    return {
      journal,
      events: [...events, ...repair],
      ...(chain.torn > 0 && { repaired: chain.torn }),
      seal: async () => {
        // Before the seal: a crash between the two leaves a run that is sealed by the next command, this with it.
        await clearVault(runFolder(this.root, run).sealed);
        return this.#register.seal(run, await journal.seal(), () => this.#runsBefore());
      },
      close: async () => {
        try {
          await journal.close();
        } finally {
          await lock.release();
        }
      },
    };
  }
}

/** Gives the lock back when what it was taken for fails. */
async function keepingLock<T>(lock: Lock, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw ioError(what, error);
  }
}

const inWords = (owner: LockOwner): string => `process ${owner.pid} on ${owner.host}, since ${owner.since}`;

/** A lock of another machine or container cannot be judged from here. */
const outOfSight = (path: string): string =>
  `If it ran on a machine or in a container that is gone, remove the folder ${path}.`;
