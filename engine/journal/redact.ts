import type { Json } from '../base/json.ts';
import { isJsonArray } from '../base/json.ts';
import { Anchors } from './anchors.ts';
import { spellingsOf } from './spellings.ts';

/** Stands where a secret stood. */
export const REDACTED = '[secret]';

/** Shorter secrets would turn the journal into holes, and are no secrets. */
const MINIMUM_LENGTH = 4;

/** Shorter lines of a secret are found in texts of any kind. */
const MINIMUM_LINE = 8;

/** `-----BEGIN PRIVATE KEY-----` says that there is a secret, and not which. */
const ARMOUR = /^-----[A-Z0-9 ]+-----$/;

/** A program may have broken a line there and gone on with the same text: Base64 in mail, quoted-printable. */
const BROKEN_LINE = /(?:\r?\n|\\[rn])(?<=(?:=|[A-Za-z0-9+/]{16})(?:\r?\n|\\{1,8}[rn]))/;
const LINE_BREAK = /=(?:\r?\n|(?:\\+r)?\\+n)|(?:\r?\n|(?:\\+r)?\\+n)[ \t]*/g;

/** `scheme://user:password@host`, up to the last `@` before the path. */
const URL_PASSWORD = /:\/\/([^\s:@/?#"'<>\\]*):[^\s/?#"'<>\\]+@/g;
const HAS_URL_PASSWORD = new RegExp(URL_PASSWORD.source);

/** What kind of handle something is, in the engine's own words: resume depends on it. */
const HANDLE_KIND = '$ref';

/**
 * Takes known secrets out of what is to be written, in whatever spelling (`spellings.ts`), and the password
 * of any URL; of a secret of several lines, each line too. The last line of defence: step outputs hold handles.
 */
export class Redactor {
  readonly #known = new Set<string>();
  readonly #anchors = new Anchors<Sought>();
  /** What some text may have held. A pattern is dear to make, and nearly all are never needed. */
  readonly #met = new Set<Sought>();
  #pattern: RegExp | undefined;

  /** From now on this text is never written. */
  add(secret: string): void {
    if (secret.length < MINIMUM_LENGTH) return;
    for (const text of [secret, ...linesOf(secret)]) {
      if (this.#known.has(text)) continue;
      this.#known.add(text);
      for (const { anchors, pattern } of spellingsOf(text)) {
        const sought = { pattern, length: text.length, place: this.#known.size };
        for (const anchor of anchors) this.#anchors.add(anchor, sought);
      }
    }
  }

  /** Whether `redact` might find anything, given the JSON text: saves the walk through a value, nearly always. */
  suspects(text: string): boolean {
    if (text.includes('://') && HAS_URL_PASSWORD.test(text)) return true;
    return (
      this.#patternIn(text) !== undefined ||
      (BROKEN_LINE.test(text) && this.#patternIn(new JoinedLines(text).joined) !== undefined)
    );
  }

  /** The same value with every secret replaced, in texts and in the names of members. */
  redact(json: Json): Json {
    if (typeof json === 'string') return this.redactText(json);
    if (json === null || typeof json !== 'object') return json;
    if (isJsonArray(json)) return json.map((item) => this.redact(item));
    return Object.fromEntries(
      Object.entries(json).map(([name, member]) =>
        name === HANDLE_KIND ? [name, member] : [this.redactText(name), this.redact(member)],
      ),
    );
  }

  /** One text with every secret replaced. */
  redactText(text: string): string {
    const pattern = this.#patternIn(text);
    let clean = pattern === undefined ? text : text.replace(pattern, REDACTED);
    if (BROKEN_LINE.test(clean)) {
      const lines = new JoinedLines(clean);
      const across = this.#patternIn(lines.joined);
      if (across !== undefined) clean = lines.replace(across, REDACTED);
    }
    return clean.includes('://') ? clean.replace(URL_PASSWORD, `://$1:${REDACTED}@`) : clean;
  }

  /** What finds all that is in this text; undefined when nothing is. */
  #patternIn(text: string): RegExp | undefined {
    const possible = this.#anchors.ownersIn(text);
    if (possible.size === 0) return undefined;
    const met = this.#met.size;
    for (const sought of possible) this.#met.add(sought);
    if (this.#pattern === undefined || this.#met.size > met) this.#pattern = patternOf(this.#met);
    // Not `test`: a pattern with the flag `g` would remember where it stopped.
    return text.search(this.#pattern) >= 0 ? this.#pattern : undefined;
  }
}

/** One spelling of a secret, or of a line of one. */
interface Sought {
  readonly pattern: () => string;
  /** Of what is spelled. */
  readonly length: number;
  /** Among all that is known. */
  readonly place: number;
}

/** Longest first: of two secrets that begin alike the longer must not leave its end behind. */
function patternOf(met: ReadonlySet<Sought>): RegExp {
  const inOrder = [...met].sort((a, b) => b.length - a.length || a.place - b.place);
  return new RegExp(inOrder.map(({ pattern }) => pattern()).join('|'), 'g');
}

/** The lines of a secret that has several, but those that tell nothing. */
function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return lines.length === 1 ? [] : lines.filter((line) => line.length >= MINIMUM_LINE && !ARMOUR.test(line));
}

/** A text without the breaks of its lines, in which one can replace what a break tore apart. */
class JoinedLines {
  readonly joined: string;
  readonly #text: string;
  /** Where each piece begins: in the text, and joined. */
  readonly #pieces: { readonly from: number; readonly joinedFrom: number }[] = [];

  constructor(text: string) {
    this.#text = text;
    let joined = '';
    let from = 0;
    for (const { index, 0: lineBreak } of [...text.matchAll(LINE_BREAK), { index: text.length, 0: '' }]) {
      this.#pieces.push({ from, joinedFrom: joined.length });
      joined += text.slice(from, index);
      from = index + lineBreak.length;
    }
    this.joined = joined;
  }

  /** The text, with breaks, but for what the pattern matches without them. */
  replace(pattern: RegExp, replacement: string): string {
    let result = '';
    let from = 0;
    for (const { index, 0: found } of this.joined.matchAll(pattern)) {
      result += this.#text.slice(from, this.#placeOf(index)) + replacement;
      from = this.#placeOf(index + found.length - 1) + 1;
    }
    return result + this.#text.slice(from);
  }

  #placeOf(joinedIndex: number): number {
    const piece = this.#pieces.findLast(({ joinedFrom }) => joinedFrom <= joinedIndex);
    return piece === undefined ? joinedIndex : piece.from + joinedIndex - piece.joinedFrom;
  }
}
