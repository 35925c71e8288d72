import type { JsonObject } from '../base/json.ts';
import type { Loaded } from './files.ts';
import type { ChainHead } from './line.ts';
import { inWords } from './ledger.ts';
import type { FolderLedger } from './ledger.ts';
import type { RegisterVerification } from './store.ts';

/**
 * The register of runs: a ledger that says which runs there are, and how each ended. A journal proves that
 * it was not altered; only the register can prove that a whole run was not removed, or put there later.
 */
export class Register {
  readonly #ledger: FolderLedger;

  constructor(ledger: FolderLedger) {
    this.#ledger = ledger;
  }

  /**
   * Enters a run, after its journal was made and before anything is written into it. `before`: the runs
   * of a store that has no register yet, which are taken over as they are found.
   */
  async enter(
    run: string,
    before: () => Promise<readonly { run: string; head: ChainHead }[]>,
  ): Promise<void> {
    const found = (await this.#ledger.exists()) ? [] : await before();
    await this.#ledger.append(
      ...found.map((old) => ({ type: 'run.found', body: { run: old.run, ...old.head } })),
      { type: 'run.created', body: { run } },
    );
  }

  /** Enters how a run ended. */
  seal(run: string, head: ChainHead): Promise<void> {
    return this.#ledger.append({ type: 'run.sealed', body: { run, ...head } });
  }

  /** Holds the register against the runs that there are: `load` gives a journal, undefined when there is none. */
  async verify(
    runs: readonly string[],
    load: (run: string) => Promise<Loaded | undefined>,
  ): Promise<RegisterVerification> {
    const { ok, entries, head, problem } = await this.#ledger.verify();
    const known = new Map<string, ChainHead | undefined>();
    for (const { type, body } of entries.filter(({ type }) => type.startsWith('run.'))) {
      const run = textOf(body, 'run');
      known.set(run, type === 'run.created' ? known.get(run) : headOf(body));
    }
    const problems: { run: string; message: string }[] = [];
    for (const [run, end] of known) {
      const message = whatIsWrong(await load(run), end);
      if (message !== undefined) problems.push({ run, message });
    }
    const isKept = await this.#ledger.exists();
    // Of a register that was altered nobody knows which runs it named after that.
    const strangers = isKept && ok ? runs.filter((run) => !known.has(run)) : [];
    for (const run of strangers)
      problems.push({ run, message: 'it was not entered when it was made: it was put there later' });
    return {
      ok: ok && problems.length === 0,
      kept: isKept,
      runs: known.size,
      head,
      problems,
      ...(problem === undefined ? {} : { problem: inWords(problem) }),
    };
  }
}

const headOf = (body: JsonObject): ChainHead => ({ seq: Number(body['seq']), hash: textOf(body, 'hash') });

const textOf = (body: JsonObject, name: string): string => {
  const value = body[name];
  return typeof value === 'string' ? value : '';
};

function whatIsWrong(loaded: Loaded | undefined, end: ChainHead | undefined): string | undefined {
  if (loaded === undefined) return 'it was removed';
  if (end === undefined || end.seq === 0) return undefined;
  const line = loaded.chain.lines[end.seq - 1];
  if (line === undefined) return `it had ${end.seq} events when it was entered, and has fewer`;
  return line.hash === end.hash ? undefined : 'it is another run than the one that was entered';
}
