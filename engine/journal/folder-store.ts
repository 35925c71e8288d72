import { createReadStream } from 'node:fs';
import { mkdir, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Event } from '../model/event.ts';
import { attachFile } from './attach.ts';
import { digestOfFile } from './evidence.ts';
import { FileSink } from './file-sink.ts';
import type { Loaded } from './files.ts';
import { eventsOf, loadJournal, refuseStruck, syncFolder, whole } from './files.ts';
import { fileChange, follow } from './follow.ts';
import { HeadFile, readHead } from './head.ts';
import { FolderInbox, clearInbox } from './inbox.ts';
import type { ChainHead } from './line.ts';
import type { LockOwner } from './lock.ts';
import { lockHolder, takeLock } from './lock.ts';
import { FolderLedger } from './ledger.ts';
import type { Listed } from './listing.ts';
import { isOwn, listRuns } from './listing.ts';
import type { StoreOptions } from './open-journal.ts';
import { openJournal } from './open-journal.ts';
import { Overview } from './overview.ts';
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
import type { Inbox, Vault } from '../model/ports.ts';
import { FolderVault, clearVault } from './vault.ts';
import { findLine, verifyRun } from './verify.ts';
import { ioError } from './writer.ts';

/** A store that is a folder: `runs/<run>/journal.jsonl` and what belongs to it, `locks/`. */
export function createFolderStore(root: string, options: StoreOptions): Store {
  return new FolderStore(root, options);
}

class FolderStore implements Store {
  readonly place: string;
  readonly #options: StoreOptions;
  readonly #register: Register;
  readonly #overview: Overview;

  constructor(root: string, options: StoreOptions) {
    this.place = root;
    this.#options = options;
    this.#register = new Register(new FolderLedger(root, 'register', options));
    this.#overview = new Overview(root, {
      read: (run) => this.read(run),
      unsealedOf: (runs) => this.#unsealedOf(runs),
    });
  }

  async create(run: string): Promise<OpenRun> {
    const folder = runFolder(this.place, run);
    return guarded(`run ${run} cannot be created in ${this.place}`, async () => {
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
        for (const path of [folder.path, dirname(folder.path), this.place]) await syncFolder(path);
        await this.#register.enter(run, () => this.#runsBefore());
        return this.#openRun(run, folder, lock, await loadJournal(run, folder));
      });
    });
  }

  async open(run: string): Promise<OpenRun> {
    const folder = runFolder(this.place, run);
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
    return eventsOf(run, whole(run, await loadJournal(run, runFolder(this.place, run))));
  }

  async list(): Promise<readonly string[]> {
    return (await this.#listed()).map(({ run }) => run);
  }

  async overview<T>(fold: Fold<T>): Promise<readonly RunOverview<T>[]> {
    return guarded(`the runs in ${this.place} cannot be read`, () => this.#overview.of(fold));
  }

  async verify(run: string): Promise<Verification> {
    const folder = runFolder(this.place, run);
    const loaded = await loadJournal(run, folder);
    return guarded(`the attachments of run ${run} cannot be read`, () =>
      verifyRun(run, loaded, (file) => digestOfFile(join(folder.files, file))),
    );
  }

  async verifyRegister(): Promise<RegisterVerification> {
    return this.#register.verify(await this.list(), (run) => this.#loadIfThere(run));
  }

  async unsealed(): Promise<readonly string[]> {
    const open = this.#overview.unsettled(await this.#listed());
    return open.length === 0 ? [] : this.#unsealedOf(open);
  }

  find(hash: string): Promise<LinePlace | undefined> {
    return findLine(hash, {
      register: this.#register,
      runs: () => this.list(),
      load: (run) => this.#loadIfThere(run),
    });
  }

  ledger(name: string): Ledger {
    return new FolderLedger(this.place, name, this.#options);
  }

  async writer(run: string): Promise<string | undefined> {
    const { lock } = runFolder(this.place, run);
    const holder = await guarded(`the lock of run ${run} cannot be read`, () => lockHolder(lock));
    return holder === undefined ? undefined : inWords(holder);
  }

  async lockEnvironment(name: string, run: string): Promise<Lock> {
    const path = environmentLock(this.place, name);
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
    const folder = runFolder(this.place, run);
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
    return runFolder(this.place, run).files;
  }

  journalFile(run: string): string {
    return runFolder(this.place, run).journal;
  }

  async attachment(run: string, file: string): Promise<AsyncIterable<Buffer> | undefined> {
    const path = join(this.folder(run), file);
    const found = await guarded(`the attachment ${file} of run ${run} cannot be read`, () =>
      stat(path).catch(noneWhenMissing),
    );
    return found && createReadStream(path);
  }

  follow(run: string, from: number, signal: AbortSignal): AsyncIterable<Event> {
    return follow(from, signal, {
      read: () => this.read(run),
      change: () => fileChange(runFolder(this.place, run).head, signal),
    });
  }

  mayWrite(): Promise<boolean> {
    return Promise.resolve(isOwn(this.place));
  }

  vault(run: string, key: () => Promise<string>): Vault {
    return new FolderVault(runFolder(this.place, run).sealed, run, key);
  }

  inbox(run: string): Inbox {
    return new FolderInbox(runFolder(this.place, run).inbox);
  }

  #listed(): Promise<readonly Listed[]> {
    return guarded(`the runs in ${this.place} cannot be listed`, () => Promise.resolve(listRuns(this.place)));
  }

  async #unsealedOf(runs: readonly string[]): Promise<readonly string[]> {
    const entered = await this.#register.entered();
    return guarded(`the runs in ${this.place} cannot be read`, async () => {
      const open: string[] = [];
      for (const run of runs) {
        const head = await readHead(runFolder(this.place, run).head);
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
      return await loadJournal(run, runFolder(this.place, run));
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
    const { chain, sealed } = loaded;
    if (chain.torn > 0) await truncate(folder.journal, chain.length);
    const sink = new FileSink(folder, { ...chain.head, sealed });
    const { journal, events } = await openJournal(run, loaded, sink, this.#options);
    return {
      journal,
      lost: NEVER,
      attach: (key, path) => attachFile(folder.files, key, path, this.#options.redactor),
      events,
      ...(chain.torn > 0 && { repaired: chain.torn }),
      seal: async () => {
        // Before the seal: a crash between the two leaves a run that is sealed by the next command, this with it.
        await clearVault(folder.sealed);
        await clearInbox(folder.inbox);
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

/** One process at a time writes here, and holds its lock until it ends. */
const NEVER = new AbortController().signal;

function noneWhenMissing(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
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
