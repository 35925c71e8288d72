import { PassThrough } from 'node:stream';

const CTRL_C = '\u0003';
const CTRL_Z = '\u001A';

export interface KeyboardOptions {
  readonly stdin: NodeJS.ReadStream;
  /** Ctrl-C while no prompt is open. */
  readonly interrupt: () => void;
  readonly suspend: () => void;
  /** Keys that come sooner after a question appeared were meant for something else. */
  readonly quarantineMs: number;
  /** A key that scrolls the question, in lines. */
  readonly scroll: (lines: number) => void;
  /** Any other key while no prompt is open. */
  readonly pressed: (key: string) => void;
}

const PAGE = 8;
const SCROLL_KEYS: Readonly<Record<string, number>> = { '\u001B[5~': -PAGE, '\u001B[6~': PAGE };

/**
 * Holds the keyboard as long as the screen lives. Keys pressed while nothing is asked are
 * dropped: echoed they would tear the screen, and kept they would answer a gate that its
 * operator has not read.
 */
export class Keyboard {
  readonly #options: KeyboardOptions;
  #prompt: { readonly input: PassThrough; readonly openedAt: number } | undefined;

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  start(): void {
    const { stdin } = this.#options;
    setRaw(stdin, true);
    stdin.on('data', this.#onData);
    stdin.resume();
  }

  stop(): void {
    const { stdin } = this.#options;
    stdin.off('data', this.#onData);
    setRaw(stdin, false);
    stdin.pause();
  }

  /** What a prompt reads from, until it is closed. */
  open(): PassThrough {
    const input = new PassThrough();
    this.#prompt = { input, openedAt: performance.now() };
    return input;
  }

  close(): void {
    this.#prompt = undefined;
  }

  readonly #onData = (data: Buffer | string): void => {
    const keys = data.toString();
    const scroll = SCROLL_KEYS[keys];
    if (keys.includes(CTRL_Z)) this.#options.suspend();
    else if (scroll !== undefined) this.#options.scroll(scroll);
    else if (keys.includes(CTRL_C)) {
      if (this.#prompt === undefined) this.#options.interrupt();
      else this.#prompt.input.write(CTRL_C);
    } else if (this.#prompt === undefined) this.#options.pressed(keys);
    else if (performance.now() - this.#prompt.openedAt >= this.#options.quarantineMs) {
      this.#prompt.input.write(keys);
    }
  };
}

function setRaw(stdin: NodeJS.ReadStream, raw: boolean): void {
  if (stdin.isTTY) stdin.setRawMode(raw);
}
