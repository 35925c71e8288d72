import type { JsonObject } from '../base/json.ts';
import type { Loaded } from './files.ts';
import type { ChainHead } from './line.ts';
import type { KeptLedger } from './ledger-lines.ts';
import { inWords } from './ledger-lines.ts';
import type { LedgerEntry, LinePlace, RegisterVerification } from './store.ts';

/** The runs of a store that has no register yet, which are taken over as they are found. */
type RunsBefore = () => Promise<readonly { run: string; head: ChainHead }[]>;

/**
 * The register of runs: a ledger that says which runs there are, and how each ended. A journal proves that
 * it was not altered; only the register can prove that a whole run was not removed, or put there later.
 */
export class Register {
  readonly #ledger: KeptLedger;

  constructor(ledger: KeptLedger) {
    this.#ledger = ledger;
  }

  /** Enters a run, after its journal was made and before anything is written into it. */
  async enter(run: string, before: RunsBefore): Promise<void> {
    await this.#append({ type: 'run.created', body: { run } }, before);
  }

  /** Enters how a run ended; gives the hash of that entry. */
  seal(run: string, head: ChainHead, before: RunsBefore): Promise<string> {
    return this.#append({ type: 'run.sealed', body: { run, ...head } }, before);
  }

  /** Enters that a run is removed, and why, before it is: its last line stays proven. */
  async remove(run: string, head: ChainHead, reason: string): Promise<void> {
    await this.#ledger.append({ type: REMOVED, body: { run, ...head, reason } });
  }

  /** What is entered of each run; undefined where that cannot be told. */
  async entered(): Promise<ReadonlyMap<string, Entered> | undefined> {
    const entries = await this.#ledger.entries();
    return entries === undefined ? undefined : enteredIn(entries);
  }

  place(hash: string): Promise<LinePlace | undefined> {
    return this.#ledger.place(hash);
  }

  async #append(
    entry: { readonly type: string; readonly body: JsonObject },
    before: RunsBefore,
  ): Promise<string> {
    const found = (await this.#ledger.exists()) ? [] : await before();
    return this.#ledger.append(
      ...found.map((old) => ({ type: 'run.found', body: { run: old.run, ...old.head } })),
      entry,
    );
  }

  /** Holds the register against the runs that there are: `load` gives a journal, undefined when there is none. */
  async verify(
    runs: readonly string[],
    load: (run: string) => Promise<Loaded | undefined>,
  ): Promise<RegisterVerification> {
    const { ok, entries, head, problem } = await this.#ledger.verify();
    const known = enteredIn(entries);
    const problems: { run: string; message: string }[] = [];
    for (const [run, entered] of known) {
      const message = whatIsWrong(await load(run), entered);
      if (message !== undefined) problems.push({ run, message });
    }
    const isKept = await this.#ledger.exists();
    // Of a register that was altered nobody knows which runs it named after that.
    const strangers = isKept && ok ? runs.filter((run) => !known.has(run)) : [];
    problems.push(...strangers.map((run) => ({ run, message: STRANGER })));
    return {
      ok: ok && problems.length === 0,
      kept: isKept,
      runs: known.size,
      found: entries.filter(({ type }) => type === 'run.found').length,
      removed: [...known.values()].filter(({ isRemoved }) => isRemoved).length,
      head,
      problems,
      ...(problem !== undefined && { problem: inWords(problem) }),
    };
  }
}

/** What the register says of one run. */
interface Entered {
  /** When it was made, or when the register was begun. */
  readonly inTime: boolean;
  /** How it stood, each time that this was entered: a run that ended goes on when it is corrected. */
  readonly ends: ChainHead[];
  /** On purpose, by whoever keeps the store. */
  readonly isRemoved: boolean;
}

const REMOVED = 'run.removed';

function enteredIn(entries: readonly LedgerEntry[]): Map<string, Entered> {
  const known = new Map<string, Entered>();
  for (const { type, body } of entries) {
    if (!type.startsWith('run.')) continue;
    const run = memberText(body, 'run');
    const { inTime, ends }: Pick<Entered, 'inTime' | 'ends'> = known.get(run) ?? {
      inTime: type !== 'run.sealed',
      ends: [],
    };
    if (type !== 'run.created') ends.push(headOf(body));
    known.set(run, { inTime, ends, isRemoved: type === REMOVED });
  }
  return known;
}

const headOf = (body: JsonObject): ChainHead => ({
  seq: Number(body['seq']),
  hash: memberText(body, 'hash'),
});

const memberText = (body: JsonObject, name: string): string => {
  const value = body[name];
  return typeof value === 'string' ? value : '';
};

const STRANGER = 'it was not entered when it was made: it was put there later';

/** Every entry is held against the run: a later one does not replace an earlier one that the run no longer fits. */
function whatIsWrong(loaded: Loaded | undefined, { inTime, ends, isRemoved }: Entered): string | undefined {
  if (loaded === undefined) return isRemoved ? undefined : 'it was removed';
  if (!inTime) return STRANGER;
  // Without a line it is no run that is listed, and so verified by itself.
  const { problem, chain } = loaded;
  if (problem !== undefined && chain.lines.length === 0) return `it lost all its events: ${problem.message}`;
  for (const { seq, hash } of ends.filter(({ seq }) => seq > 0)) {
    const line = loaded.chain.lines[seq - 1];
    if (line === undefined) return `it had ${seq} events when it was entered, and has fewer`;
    if (line.hash !== hash) return 'it is another run than the one that was entered';
  }
  return undefined;
}
