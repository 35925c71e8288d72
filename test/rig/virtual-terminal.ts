import { PassThrough, Writable } from 'node:stream';

// The escape sequences are what a terminal reads.
const TOKEN = /\u001B\[([?\d;]*)([A-Za-z])|[\n\r]|[^\u001B\n\r]/gu;

/** A terminal without a window: what is written to it can be looked at as a person would see it. */
export class VirtualTerminal extends Writable {
  columns: number;
  rows: number;
  readonly isTTY = true;
  /** Characters written, escape sequences included. */
  written = 0;
  /** Whether colour was ever written. */
  coloured = false;
  cursorVisible = true;
  #grid: string[][] = [[]];
  #row = 0;
  #column = 0;
  readonly #waiters = new Set<{ readonly fits: (text: string) => boolean; readonly resolve: () => void }>();

  constructor(columns = 100, rows = 30) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  /** The stream as `process.stdout` would be. */
  get stdout(): NodeJS.WriteStream {
    return this as unknown as NodeJS.WriteStream;
  }

  /** All lines ever shown that were not erased, the screen's own at the end. */
  get text(): string {
    return this.#grid
      .map((cells) => cells.join('').trimEnd())
      .join('\n')
      .trimEnd();
  }

  get cursor(): { readonly row: number; readonly column: number } {
    return { row: this.#row, column: this.#column };
  }

  get height(): number {
    return this.#grid.length;
  }

  /** The longest line that was ever drawn, in cells. */
  get width(): number {
    return Math.max(...this.#grid.map((cells) => cells.length));
  }

  /** Resolves when the screen shows it. */
  shows(pattern: RegExp): Promise<void> {
    return this.#until((text) => pattern.test(text));
  }

  /** Resolves when the screen shows it no more. */
  hides(pattern: RegExp): Promise<void> {
    return this.#until((text) => !pattern.test(text));
  }

  async #until(fits: (text: string) => boolean): Promise<void> {
    if (fits(this.text)) return;
    await new Promise<void>((resolve) => {
      this.#waiters.add({ fits, resolve });
    });
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    this.emit('resize');
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString();
    this.written += text.length;
    for (const [token, argument, command] of text.matchAll(TOKEN))
      this.#apply(token, argument ?? '', command);
    for (const waiter of this.#waiters) {
      if (!waiter.fits(this.text)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
    done();
  }

  #apply(token: string, argument: string, command: string | undefined): void {
    const count = Number(argument === '' ? 1 : argument);
    switch (command) {
      case undefined:
        this.#print(token);
        break;
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        break;
      case 'B':
        this.#row = Math.min(this.#grid.length - 1, this.#row + count);
        break;
      case 'G':
        this.#column = count - 1;
        break;
      case 'H':
        this.#row = 0;
        this.#column = 0;
        break;
      case 'J':
        if (argument === '2') this.#grid = [[]];
        else this.#eraseBelow();
        break;
      case 'K':
        this.#cells.length = Math.min(this.#cells.length, this.#column);
        break;
      case 'm':
        this.coloured = true;
        break;
      case 'h':
      case 'l':
        if (argument === '?25') this.cursorVisible = command === 'h';
        break;
      default:
        throw new Error(`a terminal need not understand ${JSON.stringify(token)}`);
    }
  }

  #print(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') {
      this.#row += 1;
      this.#column = 0;
      this.#grid[this.#row] ??= [];
    } else {
      this.#cells[this.#column] = character;
      for (let column = 0; column < this.#column; column += 1) this.#cells[column] ??= ' ';
      this.#column += 1;
    }
  }

  #eraseBelow(): void {
    this.#cells.length = Math.min(this.#cells.length, this.#column);
    this.#grid.length = this.#row + 1;
  }

  get #cells(): string[] {
    return (this.#grid[this.#row] ??= []);
  }
}

/** A keyboard that a test presses. */
export function virtualKeyboard(): {
  readonly stdin: NodeJS.ReadStream;
  press(...keys: readonly string[]): void;
  /** No more will come. */
  end(): void;
} {
  const stream = new PassThrough();
  return {
    stdin: stream as unknown as NodeJS.ReadStream,
    press: (...keys) => {
      for (const key of keys) stream.write(key);
    },
    end: () => {
      stream.end();
    },
  };
}

export const KEY = {
  enter: '\r',
  escape: '\u001B',
  up: '\u001B[A',
  down: '\u001B[B',
  pageDown: '\u001B[6~',
  backspace: '\u007F',
  tab: '\t',
  ctrlC: '\u0003',
} as const;
