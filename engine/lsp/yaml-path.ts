/**
 * Where a place stands in a YAML text, told by how its lines are indented: a text that is being written is often no
 * YAML, and a parser then knows nothing of it.
 */
export interface YamlPlace {
  /** The keys around it; `[]` for an item of a list. */
  readonly path: readonly string[];
  /**
   * The keys of each object on the way to it, with what stands behind each on its line: outermost first, and one more
   * than `path` has, for those beside it.
   */
  readonly levels: readonly ReadonlyMap<string, string>[];
  /** The key of its own line; absent while none is written. */
  readonly key?: string;
  /** What its line holds of a value up to the place. */
  readonly value?: string;
}

interface Line {
  /** Columns of the dashes before its key. */
  readonly dashes: readonly number[];
  readonly column: number;
  readonly key: string | undefined;
  readonly value: string;
}

const LINE = /^(\s*(?:- +)*)(?:(["']?)([\w.*/[\]#-]+)\2:(?:\s+(.*))?)?/;

function lineOf(text: string): Line | undefined {
  if (/^\s*(?:#|$)/.test(text)) return undefined;
  const [, lead = '', , key, value = ''] = LINE.exec(text) ?? [];
  const dashes = Array.from(lead.matchAll(/-/g), ({ index }) => index);
  return { dashes, column: lead.length, key, value: value.trim() };
}

/** A value that goes on below it as a text: keys below are none. */
const IS_TEXT = /^[|>][+-]?\d?$/;

/** Walks outwards from a line, and collects the keys beside and around it. */
class Outwards {
  readonly path: string[] = [];
  /** The keys of the objects around, outermost first, as long as `path` and one more: that of the place itself. */
  readonly levels = [new Map<string, string>()];
  #column: number;
  /** The object is one of the keys at this column; else the column is that of the dashes of a list. */
  #isObject: boolean;

  constructor(line: Line) {
    this.#column = line.column;
    this.#isObject = true;
    this.#dashes(line);
  }

  /** Whether to go on; undefined: a text goes on there, in which nothing is a key. */
  see(line: Line): boolean | undefined {
    if (this.#isBelow(line)) return true;
    if (this.#isObject && line.column === this.#column) this.#beside(line);
    else if (line.key === undefined || IS_TEXT.test(line.value)) return undefined;
    else this.#owner(line);
    this.#dashes(line);
    return this.#column > 0 || !this.#isObject;
  }

  /** A line of something inside of what stands at the column, or another item of the same list. */
  #isBelow({ column, dashes: [dash] }: Line): boolean {
    if (dash === undefined) return column > this.#column;
    return this.#isObject ? column > this.#column : dash === this.#column || column > this.#column;
  }

  #owner(line: Line): void {
    if (line.key === undefined) return;
    this.path.unshift(line.key);
    this.levels.unshift(new Map());
    this.#beside(line);
    this.#column = line.column;
    this.#isObject = true;
  }

  #beside({ key, value }: Line): void {
    if (key !== undefined) this.levels[0]?.set(key, value);
  }

  #dashes({ dashes }: Line): void {
    for (const column of dashes.toReversed()) {
      this.path.unshift('[]');
      this.levels.unshift(new Map());
      this.#column = column;
      this.#isObject = false;
    }
  }
}

/** @param offset where in the text */
export function yamlPlace(text: string, offset: number): YamlPlace | undefined {
  const before = text.slice(0, offset).split('\n');
  const own = before.pop() ?? '';
  const [rest = '', ...below] = text.slice(offset).split('\n');
  const line = lineOf(own + rest.replace(/\r$/, '')) ?? {
    dashes: [],
    column: own.length,
    key: undefined,
    value: '',
  };
  const outwards = new Outwards(line);
  const beside = outwards.levels.at(-1) ?? new Map<string, string>();
  for (const each of before.reverse()) {
    const found = lineOf(each.replace(/\r$/, ''));
    if (found === undefined) continue;
    const goesOn = outwards.see(found);
    if (goesOn === undefined) return undefined;
    if (!goesOn) break;
  }
  collectBelow(below, line.column, beside);
  const colon = /:(?:\s|$)/.exec(own.slice(line.column));
  return {
    path: outwards.path,
    levels: outwards.levels,
    ...(line.key !== undefined && { key: line.key }),
    ...(colon !== null && { value: own.slice(line.column + colon.index + 1).trimStart() }),
  };
}

/** The keys that follow in the same object. */
function collectBelow(lines: readonly string[], column: number, siblings: Map<string, string>): void {
  for (const each of lines) {
    const found = lineOf(each.replace(/\r$/, ''));
    if (found === undefined) continue;
    if (found.column < column || (found.dashes[0] ?? column) < column) return;
    if (found.column === column && found.dashes.length === 0 && found.key !== undefined) {
      siblings.set(found.key, found.value);
    }
  }
}
