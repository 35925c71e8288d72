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
  #compiled: Compiled | undefined;

  /** From now on this text is never written. */
  add(secret: string): void {
    if (secret.length < MINIMUM_LENGTH || this.#known.has(secret)) return;
    for (const text of [secret, ...linesOf(secret)]) this.#known.add(text);
    this.#compiled = undefined;
  }

  /** Whether `redact` might find anything, given the JSON text: saves the walk through a value, nearly always. */
  suspects(text: string): boolean {
    if (text.includes('://') && HAS_URL_PASSWORD.test(text)) return true;
    return this.#holdsOne(text) || (BROKEN_LINE.test(text) && this.#holdsOne(new JoinedLines(text).joined));
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
    let clean = text;
    if (this.#holdsOne(clean)) clean = clean.replace(this.#compile().pattern, REDACTED);
    if (BROKEN_LINE.test(clean)) {
      const lines = new JoinedLines(clean);
      if (this.#holdsOne(lines.joined)) clean = lines.replace(this.#compile().pattern, REDACTED);
    }
    return clean.includes('://') ? clean.replace(URL_PASSWORD, `://$1:${REDACTED}@`) : clean;
  }

  #holdsOne(text: string): boolean {
    if (this.#known.size === 0) return false;
    const { anchors, pattern } = this.#compile();
    // Not `test`: a pattern with the flag `g` would remember where it stopped.
    return anchors.areIn(text) && text.search(pattern) >= 0;
  }

  #compile(): Compiled {
    // Longest first: of two secrets that begin alike the longer must not leave its end behind.
    if (this.#compiled !== undefined) return this.#compiled;
    const spellings = [...this.#known].sort((a, b) => b.length - a.length).flatMap(spellingsOf);
    this.#compiled = {
      anchors: new Anchors(spellings.flatMap(({ anchors }) => anchors)),
      pattern: new RegExp(spellings.map(({ pattern }) => pattern).join('|'), 'g'),
    };
    return this.#compiled;
  }
}

/** Both made anew when a secret is added: `anchors` is fast and finds too much, `pattern` is right. */
interface Compiled {
  readonly anchors: Anchors;
  readonly pattern: RegExp;
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
