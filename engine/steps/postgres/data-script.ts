/** A piece of the SQL that pg_restore writes for a dump's rows. */
export type Piece =
  /** For every session. */
  | { readonly type: 'settings'; readonly text: string }
  /** For one session: sequences are set. */
  | { readonly type: 'sql'; readonly text: string }
  /** Rows begin: the COPY statement. */
  | { readonly type: 'copy'; readonly text: string }
  /** Whole lines, as COPY wants them. */
  | { readonly type: 'rows'; readonly rows: Buffer }
  | { readonly type: 'end' };

const NEWLINE = 10;
const END = Buffer.from('\\.\n');
const END_LINE = Buffer.from('\n\\.\n');

/** Takes that SQL apart as it arrives. Only whole lines are looked at; a line may be as long as it likes. */
export class DataScript {
  #inRows = false;
  /** Before the first entry: settings. */
  #isHeader = true;
  #sql = '';
  /** The beginning of a line whose end has not come yet. */
  #begun: Buffer[] = [];

  *read(chunk: Buffer): Generator<Piece> {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#begun.push(chunk);
      return;
    }
    // The line that was begun is put together on its own: the others need not be copied for it.
    const first = this.#begun.length === 0 ? 0 : chunk.indexOf(NEWLINE) + 1;
    if (first > 0) yield* this.#lines(Buffer.concat([...this.#begun, chunk.subarray(0, first)]));
    yield* this.#lines(chunk.subarray(first, end));
    this.#begun = end === chunk.length ? [] : [chunk.subarray(end)];
  }

  *#lines(whole: Buffer): Generator<Piece> {
    let lines = whole;
    while (lines.length > 0) {
      if (this.#inRows) {
        const at = endOfRows(lines);
        const rows = at === undefined ? lines : lines.subarray(0, at);
        if (rows.length > 0) yield { type: 'rows', rows };
        if (at === undefined) return;
        yield { type: 'end' };
        this.#inRows = false;
        lines = lines.subarray(at + END.length);
      } else {
        const at = lines.indexOf(NEWLINE) + 1;
        yield* this.#line(lines.subarray(0, at).toString());
        lines = lines.subarray(at);
      }
    }
  }

  /** What is left when nothing more comes. */
  end(): readonly string[] {
    return this.#sql.trim() === '' ? [] : [this.#sql];
  }

  *#line(line: string): Generator<Piece> {
    if (/^-- (Data for )?Name: /.test(line)) {
      yield* this.#statements(this.#isHeader ? 'settings' : 'sql');
      this.#isHeader = false;
    } else if (/^COPY .* FROM stdin;\n$/.test(line)) {
      yield* this.#statements('sql');
      this.#inRows = true;
      yield { type: 'copy', text: line.trimEnd().replace(/;$/, '') };
    } else if (!/^(--|\\)/.test(line)) {
      // A line with a backslash is for psql: \restrict, which keeps it from taking any other.
      this.#sql += line;
    }
  }

  *#statements(type: 'settings' | 'sql'): Generator<Piece> {
    const text = this.#sql.trim();
    this.#sql = '';
    if (text !== '') yield { type, text };
  }
}

/** Where the line begins that ends the rows: no row looks like it. */
function endOfRows(lines: Buffer): number | undefined {
  if (lines.subarray(0, END.length).equals(END)) return 0;
  const at = lines.indexOf(END_LINE);
  return at < 0 ? undefined : at + 1;
}
