/**
 * How the programs that a step starts put a text down: shells and their traces, writers of JSON, addresses,
 * mail, pages, YAML, SQL and the literals of languages. None of them touches letters and digits, and each
 * writes any other character in one of the ways below. A text that went through two of them is found too.
 */

/** A backslash, doubled by each program that the text went through. */
const BACKSLASHES = String.raw`\\{1,8}`;
const MAYBE_BACKSLASHES = String.raw`\\{0,8}`;

/** Characters that have a letter of their own after a backslash. */
const LETTERS: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1B': '[eE]',
};

/** What a character becomes beside what any may become. */
const PECULIAR: Readonly<Record<string, readonly string[]>> = {
  // Forms, and the headers of mail.
  ' ': ['[+_]'],
  // Doubled in SQL and YAML; '\'' and '"'"' within single quotes of a shell.
  "'": ["''", `'${BACKSLASHES}''`, `'${MAYBE_BACKSLASHES}"'${MAYBE_BACKSLASHES}"'`],
  // Doubled in CSV and names of SQL, in a format, in a Makefile.
  '"': [`(?:${MAYBE_BACKSLASHES}"){2}`],
  '%': ['%%'],
  $: [String.raw`\$\$`],
  '\n': [String.raw`\r?\n[ \t]*`, `(?:${BACKSLASHES}r)?${BACKSLASHES}n`],
};

/** One way to write a text. */
export interface Spelling {
  /** The source of a pattern; made when it is asked for, as most are not. */
  readonly pattern: () => string;
  /** One of these stands in all that the pattern matches: looked for first, as it is fast. May be empty. */
  readonly anchors: readonly string[];
}

/** All the ways: with other characters for what is no letter and no digit, in Base64, in hexadecimal. */
export function spellingsOf(text: string): readonly Spelling[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  return [
    { pattern: () => spelled(text), anchors: [anchorOf(text)] },
    ...base64Forms(bytes).map((form) => ({ pattern: () => spelledBase64(form), anchors: [anchorOf(form)] })),
    ...(bytes.length < MINIMUM_HEX
      ? []
      : [{ pattern: () => anyCase(hex), anchors: [hex, hex.toUpperCase()] }]),
  ];
}

const spelled = (text: string): string =>
  (text.match(/\\+|'+|\r?\n|[\s\S]/gu) ?? []).map(spelledPart).join('');

const anchorOf = (text: string): string =>
  (text.match(/[A-Za-z0-9]+/g) ?? []).reduce(
    (longest, run) => (run.length > longest.length ? run : longest),
    '',
  );

/** Fewer bytes than this in hexadecimal are found in numbers of any kind. */
const MINIMUM_HEX = 8;

/** Fewer characters of Base64 than this say too little to be looked for. */
const MINIMUM_BASE64 = 8;

/**
 * Where a text begins inside another decides its Base64: there are three cases. Only the
 * characters that depend on the secret alone are looked for.
 */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return own.length < MINIMUM_BASE64 ? [] : [own];
  });
}

/** In the alphabet for addresses too, and as a text that is escaped by itself. */
const spelledBase64 = (text: string): string =>
  text.replaceAll(/[+/]/g, (each) => `(?:${each === '+' ? '-' : '_'}|${spelledPart(each)})`);

/** One character; of line ends, backslashes and single quotes all that stand together. */
function spelledPart(part: string): string {
  if (/^[A-Za-z0-9]$/.test(part)) return part;
  if (part === '\r\n') return spelledPart('\n');
  if (part.startsWith("''")) {
    // A shell takes all of them between two double quotes.
    const quote = `${MAYBE_BACKSLASHES}"`;
    return `(?:'${quote}'{${part.length}}${quote}'|${spelledPart("'")}{${part.length}})`;
  }
  const character = part.startsWith('\\') ? '\\' : part;
  const escapes = [...numbered(character), ...(PECULIAR[character] ?? [])];
  if (character === '\\') {
    const count = part.length;
    return `(?:\\\\{${count},${8 * count}}|(?:${escapes.join('|')}){${count}})`;
  }
  const letter = LETTERS[character];
  // zsh ends its quotes before such a character and begins them after it.
  const lettered = letter === undefined ? [] : [String.raw`(?:\$')?${BACKSLASHES}${letter}'?`];
  return `(?:${[`${MAYBE_BACKSLASHES}${literal(character)}`, ...lettered, ...escapes].join('|')})`;
}

/** A character by its number: after a backslash, in an address, in mail, as an entity of a page (or by its name there). */
function numbered(character: string): readonly string[] {
  const code = character.codePointAt(0) ?? 0;
  const hex = anyCase(code.toString(16));
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const bytes = [...Buffer.from(character)];
  const byteEscape = (byte: number): string =>
    `${BACKSLASHES}(?:x${hexByte(byte)}|0{0,2}${byte.toString(8)})`;
  return [
    units.map((unit) => `${BACKSLASHES}u${anyCase(unit.toString(16).padStart(4, '0'))}`).join(''),
    `${BACKSLASHES}(?:[uU]0*${hex}|[ux]\\{0*${hex}\\}|x0*${hex})`,
    bytes.map(byteEscape).join(''),
    bytes.map((byte) => `%(?:25)*${hexByte(byte)}`).join(''),
    bytes.map((byte) => `=${hexByte(byte)}`).join(''),
    `&(?:amp;)*(?:#0*${code}|#[xX]0*${hex}|[A-Za-z][A-Za-z0-9]{1,30});`,
  ];
}

const hexByte = (byte: number): string => anyCase(byte.toString(16).padStart(2, '0'));

const anyCase = (hex: string): string =>
  hex.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
