import { StringDecoder } from 'node:string_decoder';

/** Keeps the end of a stream, up to a limit, and tells each whole line as it comes. */
export class Capture {
  readonly #limit: number;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #kept = '';
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

  /** What is kept: the end of the stream. `truncated`: something before it was dropped. */
  close(): { readonly text: string; readonly truncated: boolean } {
    this.#take(this.#decoder.end());
    if (this.#line !== '') this.#onLine(this.#line);
    if (this.#kept.length > this.#limit) this.#cut();
    return { text: this.#kept, truncated: this.#truncated };
  }

  #take(text: string): void {
    this.#kept += text;
    // Cut at twice the limit, so that a long stream is not copied anew with each chunk.
    if (this.#kept.length > 2 * this.#limit) this.#cut();
    const lines = (this.#line + text).split('\n');
    this.#line = (lines.pop() ?? '').slice(-this.#limit);
    for (const line of lines) this.#onLine(line);
  }

  #cut(): void {
    this.#kept = this.#kept.slice(-this.#limit);
    this.#truncated = true;
  }
}
