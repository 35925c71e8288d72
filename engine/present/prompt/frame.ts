import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';

const TOKEN = /\u001B\[([?\d;]*)([A-Za-z])|\n|\r|[^\u001B\n\r]+/g;

/**
 * The terminal that a prompt believes to write to. It keeps what the prompt shows, so that
 * the view can put it into its own screen, under a clock that goes on. It understands what
 * inquirer writes: text, colours, and the movements with which it erases its last frame.
 */
export class PromptFrame extends Writable {
  /** Asked by inquirer and readline, as of a terminal. */
  columns: number;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;
  #cursorVisible = true;
  readonly #changed: () => void;

  constructor(columns: number, changed: () => void) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.#changed = changed;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Undefined while the prompt hides it. */
  get cursor(): { readonly row: number; readonly column: number } | undefined {
    return this.#cursorVisible ? { row: this.#row, column: this.#column } : undefined;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    for (const token of chunk.toString().matchAll(TOKEN)) {
      this.#apply(token[0], token[1] ?? '', token[2]);
    }
    this.#changed();
    done();
  }

  #apply(token: string, argument: string, command: string | undefined): void {
    const count = Number(argument === '' ? 1 : argument);
    switch (command) {
      case undefined:
        this.#text(token);
        break;
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        break;
      case 'B':
        this.#row = Math.min(this.#lines.length - 1, this.#row + count);
        break;
      case 'G':
        this.#column = count - 1;
        break;
      case 'K':
        // Frames are erased from the bottom up: what stood below is gone already.
        this.#lines.length = this.#row + 1;
        this.#lines[this.#row] = '';
        break;
      case 'h':
      case 'l':
        if (argument === '?25') this.#cursorVisible = command === 'h';
        break;
      case 'm':
        this.#append(token);
        break;
      default:
    }
  }

  #text(token: string): void {
    if (token === '\r') this.#column = 0;
    else if (token === '\n') {
      this.#row += 1;
      this.#column = 0;
      this.#lines[this.#row] ??= '';
    } else this.#append(token);
  }

  #append(text: string): void {
    this.#lines[this.#row] = (this.#lines[this.#row] ?? '') + text;
  }
}

/** A prompt's line without what it would do to colours that are not wanted. */
export const uncoloured = (text: string): string => stripVTControlCharacters(text);

/** As many lines of a prompt as there is room for: its question, and what is around the line that is being looked at. */
export function aroundActive(lines: readonly string[], room: number, mark: string): readonly string[] {
  if (lines.length <= room || room < 3) return lines.slice(0, room);
  const [question = '', ...rest] = lines;
  const active = Math.max(
    0,
    rest.findIndex((text) => uncoloured(text).startsWith(mark)),
  );
  const shown = room - 1;
  const from = Math.max(0, Math.min(active - Math.floor(shown / 2), rest.length - shown));
  return [question, ...rest.slice(from, from + shown)];
}
