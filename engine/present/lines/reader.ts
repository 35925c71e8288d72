import type { Clock } from '../../base/clock.ts';

/** Shorter than anybody reads: what came before was meant for something else. */
const SETTLE_MS = 250;
/** Lines that follow each other faster were pasted. */
const ALONE_MS = 60;

const CTRL_C = '\u0003';
const ERASES = /[\u007F\b]/;
const LINE_END = /\r\n|\r|\n/;

export interface LineReaderOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Ctrl-C where the terminal does not say it itself, and the end of all input. */
  readonly interrupt: () => void;
  /** Lines that answer nothing: nothing was asked, or it was asked only just now. */
  readonly unasked: (lines: readonly string[]) => void;
}

interface Open {
  readonly take: (lines: readonly string[]) => void;
  hears: boolean;
}

/**
 * Reads lines as the terminal gives them, for as long as the view lives. One counts only for a question that
 * stood there before it: what was typed ahead or pasted further answers no gate that nobody has read.
 */
export class LineReader {
  readonly #options: LineReaderOptions;
  readonly #decoder = new TextDecoder();
  #rest = '';
  /** What came together, and whether a question heard it when it began. */
  #burst: { readonly lines: string[]; readonly heardBy: Open | undefined } | undefined;
  #quiet: AbortController | undefined;
  #open: Open | undefined;

  constructor(options: LineReaderOptions) {
    this.#options = options;
  }

  start(): void {
    const { stdin, interrupt } = this.#options;
    stdin.on('data', this.#onData);
    stdin.once('end', interrupt);
    stdin.resume();
  }

  stop(): void {
    const { stdin, interrupt } = this.#options;
    stdin.off('data', this.#onData);
    stdin.off('end', interrupt);
    stdin.pause();
  }

  /** The lines that answer: one, or all of what was pasted. Rejects when the signal aborts. */
  async read(signal: AbortSignal, { hidden }: { readonly hidden: boolean }): Promise<readonly string[]> {
    signal.throwIfAborted();
    const { stdin, clock } = this.#options;
    const settled = new AbortController();
    const echoes = hidden && stdin.isTTY;
    if (echoes) stdin.setRawMode(true);
    try {
      return await new Promise<readonly string[]>((take, fail) => {
        const open: Open = { take, hears: false };
        this.#open = open;
        signal.addEventListener('abort', () => fail(signal.reason as Error), { signal: settled.signal });
        void clock.sleep(SETTLE_MS, settled.signal).then(() => {
          open.hears = true;
        });
      });
    } finally {
      settled.abort();
      this.#open = undefined;
      if (echoes) stdin.setRawMode(false);
    }
  }

  readonly #onData = (data: Buffer): void => {
    for (const letter of this.#decoder.decode(data, { stream: true })) {
      if (letter === CTRL_C) this.#options.interrupt();
      else if (ERASES.test(letter)) this.#rest = Array.from(this.#rest).slice(0, -1).join('');
      else this.#rest += letter;
    }
    const lines = this.#rest.split(LINE_END);
    this.#rest = lines.pop() ?? '';
    for (const each of lines) this.#take(each);
  };

  #take(line: string): void {
    this.#quiet?.abort();
    const heardBy = this.#open?.hears === true ? this.#open : undefined;
    this.#burst ??= { lines: [], heardBy };
    this.#burst.lines.push(line);
    const quiet = new AbortController();
    this.#quiet = quiet;
    void this.#options.clock.sleep(ALONE_MS, quiet.signal).then(() => {
      if (!quiet.signal.aborted) this.#endBurst();
    });
  }

  #endBurst(): void {
    const burst = this.#burst;
    this.#burst = undefined;
    if (burst === undefined) return;
    if (burst.heardBy !== undefined && burst.heardBy === this.#open) burst.heardBy.take(burst.lines);
    else this.#options.unasked(burst.lines);
  }
}
