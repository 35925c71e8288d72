import { StringDecoder } from 'node:string_decoder';

/** Of what an error quotes: the beginning often says what was wrong, the end what came of it. */
const HEAD = 8 * 1024;
const TAIL = 56 * 1024;

/** Head and tail of a text, where it is longer than an error may quote. */
export const excerpt = (text: string): string =>
  text.length <= HEAD + TAIL ? text : joined(text.slice(0, HEAD), text.slice(-TAIL), text.length);

function joined(head: string, tail: string, length: number): string {
  const between = length - head.length - tail.length;
  return between > 0
    ? `${head}\n[… ${String(between)} characters …]\n${tail}`
    : head + tail.slice(Math.min(-between, tail.length));
}

/** Keeps the end of a stream, up to a limit, and tells each whole line as it comes. */
export class Capture {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #kept = '';
  #head = '';
  #length = 0;
  #line = '';
  #truncated = false;

  /** `limit`: in characters. */
  constructor(limit: number, onLine: (line: string) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
  }

  write(chunk: Buffer): void {
    this.#take(this.#decoder.write(chunk));
  }

  /** What is kept: the end of the stream. `truncated`: something before it was dropped. `excerpt`: its head and tail. */
  close(): { readonly text: string; readonly truncated: boolean; readonly excerpt: string } {
    this.#take(this.#decoder.end());
    if (this.#line !== '') this.#tell(this.#line);
    if (this.#kept.length > this.#limit) this.#cut();
    return {
      text: this.#kept,
      truncated: this.#truncated,
      excerpt: joined(this.#head, this.#kept.slice(-TAIL), this.#length),
    };
  }

  /** Without the return that programs end a line with for a terminal. */
  #tell(line: string): void {
    this.#onLine(line.replace(/\r+$/, ''));
  }

  #take(text: string): void {
    this.#kept += text;
    this.#length += text.length;
    if (this.#head.length < HEAD) this.#head += text.slice(0, HEAD - this.#head.length);
    // Cut at twice the limit, so that a long stream is not copied anew with each chunk.
    if (this.#kept.length > 2 * this.#limit) this.#cut();
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(-this.#limit);
    for (const line of lines) this.#tell(line);
  }

  #cut(): void {
    this.#kept = this.#kept.slice(-this.#limit);
    this.#truncated = true;
  }
}
