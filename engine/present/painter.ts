const ESC = '\u001B[';

export interface Cursor {
  readonly row: number;
  readonly column: number;
}

/**
 * Keeps a block of lines at the end of the terminal's output up to date and writes only
 * what changed: a screen that stands still costs nothing, and a slow line over ssh does
 * not flicker. Lines must be narrower than the terminal: the painter does not wrap.
 */
export class Painter {
  readonly #write: (text: string) => void;
  #lines: readonly string[] = [];
  /** Where the terminal's cursor is, counted from the block's first line. */
  #row = 0;
  #cursor: Cursor | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Shows these lines; `cursor` is where it is seen to blink, absent when it is hidden. */
  paint(lines: readonly string[], cursor?: Cursor): void {
    let out = '';
    for (const [row, text] of lines.entries()) {
      if (this.#lines[row] === text) continue;
      out += `${this.#to(row)}\r${text}${ESC}K`;
    }
    if (lines.length < this.#lines.length) {
      out += lines.length === 0 ? `${this.#to(0)}\r${ESC}J` : `${this.#to(lines.length)}\r${ESC}J`;
    }
    this.#lines = lines;
    const moved = cursor !== undefined && (out !== '' || !sameCursor(cursor, this.#cursor));
    if (moved) out += `${this.#to(cursor.row)}${ESC}${String(cursor.column + 1)}G`;
    if ((cursor === undefined) !== (this.#cursor === undefined)) out += cursorVisible(cursor !== undefined);
    this.#cursor = cursor;
    // Synchronized output: terminals that know it show the change at once, others ignore it.
    if (out !== '') this.#write(`${ESC}?2026h${out}${ESC}?2026l`);
  }

  /** The terminal has another size: what it shows now is anyone's guess, so it is shown anew. */
  redraw(): void {
    this.#write(`${ESC}2J${ESC}H${cursorVisible(false)}`);
    this.#cursor = undefined;
    this.#lines = [];
    this.#row = 0;
  }

  /** Takes the block away; the cursor stands where it began, and is visible again. */
  clear(): void {
    this.paint([]);
    this.#write(`\r${cursorVisible(true)}`);
    this.#cursor = undefined;
    this.#row = 0;
  }

  /** Leaves the block as it is and goes below it, for others to write there. */
  leave(): void {
    this.#write(`${this.#to(Math.max(0, this.#lines.length - 1))}\n\r${cursorVisible(true)}`);
    this.#cursor = undefined;
  }

  #to(row: number): string {
    const distance = row - this.#row;
    // A line feed makes a new line at the end of the screen, where a cursor movement would stop.
    const move = distance > 0 ? '\n'.repeat(distance) : distance < 0 ? `${ESC}${String(-distance)}A` : '';
    this.#row = row;
    return move;
  }
}

export const cursorVisible = (visible: boolean): string => `${ESC}?25${visible ? 'h' : 'l'}`;

const sameCursor = (a: Cursor, b: Cursor | undefined): boolean => a.row === b?.row && a.column === b.column;
