import type { Json } from '../base/json.ts';
import { isJsonArray } from '../base/json.ts';

/** Stands where a secret stood. */
export const REDACTED = '[secret]';

/** Shorter secrets would turn the journal into holes, and are no secrets. */
const MINIMUM_LENGTH = 4;

/** Fewer characters of Base64 than this say too little to be looked for. */
const MINIMUM_BASE64 = 8;

/** `scheme://user:password@host`, up to the last `@` before the path. */
const URL_PASSWORD = /:\/\/([^\s:@/?#"'<>\\]*):[^\s/?#"'<>\\]+@/g;
const HAS_URL_PASSWORD = new RegExp(URL_PASSWORD.source);

/** What kind of handle something is, in the engine's own words: resume depends on it. */
const HANDLE_KIND = '$ref';

/**
 * Takes known secrets out of what is to be written: as they are, URL-encoded, escaped as
 * JSON, in Base64 (also inside a longer Base64 text, as in `Authorization: Basic`), and
 * the password of any URL. The last line of defence: step outputs hold handles.
 */
export class Redactor {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;
  #quick: RegExp | undefined;

  /** From now on this text is never written. */
  add(secret: string): void {
    if (secret.length < MINIMUM_LENGTH) return;
    const known = this.#forms.size;
    for (const form of formsOf(secret)) this.#forms.add(form);
    if (this.#forms.size === known) return;
    this.#pattern = undefined;
    this.#quick = undefined;
  }

  /** Whether `redact` might find anything, given the JSON text: saves the walk through a value, nearly always. */
  suspects(text: string): boolean {
    if (text.includes('://') && HAS_URL_PASSWORD.test(text)) return true;
    if (this.#forms.size === 0) return false;
    this.#quick ??= alternatives([...this.#forms].flatMap((form) => [form, jsonEscaped(form)]));
    // A pattern with the flag `g` remembers where it stopped.
    this.#quick.lastIndex = 0;
    return this.#quick.test(text);
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
    if (this.#forms.size > 0) {
      this.#pattern ??= alternatives([...this.#forms]);
      clean = clean.replace(this.#pattern, REDACTED);
    }
    return clean.includes('://') ? clean.replace(URL_PASSWORD, `://$1:${REDACTED}@`) : clean;
  }
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // By way of its bytes: a lone surrogate makes encodeURIComponent throw.
  const wellFormed = bytes.toString();
  const url = encodeURIComponent(wellFormed);
  const lowerCase = url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const form = url.replaceAll('%20', '+');
  return [secret, url, lowerCase, form, encodeURI(wellFormed), jsonEscaped(secret), ...base64Forms(bytes)];
}

/**
 * Where a text begins inside another decides its Base64: there are three cases. Only the
 * characters that depend on the secret alone are looked for.
 */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    if (own.length < MINIMUM_BASE64) return [];
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Longest first: of two secrets that begin alike the longer must not leave its end behind. */
function alternatives(texts: readonly string[]): RegExp {
  const sorted = [...new Set(texts)].sort((a, b) => b.length - a.length);
  return new RegExp(sorted.map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}
