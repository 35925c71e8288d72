/** A text that was read from somewhere, and where its lines begin. Offsets are UTF-16 code units. */
export class SourceFile {
  /** As shown to people: relative to the working folder where that is shorter. */
  readonly path: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** Line and column of an offset, both from 1. Computed only when a place is printed. */
  position(offset: number): Position {
    const starts = this.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** The text of a line, from 1, without its end; empty past the last. */
  line(number: number): string {
    const start = this.lineStarts[number - 1];
    if (start === undefined) return '';
    return this.text.slice(start, (this.lineStarts[number] ?? this.text.length + 1) - 1).replace(/\r$/, '');
  }

  get lineCount(): number {
    return this.lineStarts.length;
  }

  private get lineStarts(): readonly number[] {
    return (this.#lineStarts ??= [0, ...Array.from(this.text.matchAll(/\n/g), (match) => match.index + 1)]);
  }
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A range of a file: `end` is the offset after the last code unit. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}
