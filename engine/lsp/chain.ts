/** Names joined by dots as they stand in a text: `steps.restore.output`. */
export interface Chain {
  readonly names: readonly Name[];
  /** What stands behind it is a call. */
  readonly isCall: boolean;
}

export interface Name {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const CHAIN = /[A-Za-z_]\w*(?:\.\??[A-Za-z_]\w*|\[(?:"[^"\n]*"|'[^'\n]*'|\d+)\])*/g;
const NAME = /[A-Za-z_]\w*|"([^"\n]*)"|'([^'\n]*)'|\d+/g;

/** The chain around a place, cut behind the name at that place. */
export function chainAt(source: string, offset: number): Chain | undefined {
  for (const match of source.matchAll(CHAIN)) {
    const end = match.index + match[0].length;
    if (offset < match.index || offset > end) continue;
    const names = namesIn(match[0], match.index);
    const upTo = names.findIndex((name) => offset <= name.end);
    const isLast = upTo === names.length - 1;
    return { names: names.slice(0, upTo + 1), isCall: isLast && /^\s*\(/.test(source.slice(end)) };
  }
  return undefined;
}

const TYPED =
  /(?:[A-Za-z_]\w*(?:\.\??[A-Za-z_]\w*|\[(?:"[^"\n]*"|'[^'\n]*'|\d+)\])*\.\??)?(?:[A-Za-z_]\w*)?$/;

/** What has been written of a chain that ends at a place: whole names, and the letters of one that is begun. */
export function typedBefore(before: string): {
  readonly names: readonly string[];
  readonly begun: string;
  /** A dot stands behind something that is no chain of names: a call, a text. */
  readonly afterValue: boolean;
} {
  const text = TYPED.exec(before)?.[0] ?? '';
  const begun = /[A-Za-z_]\w*$/.exec(text)?.[0] ?? '';
  const head = before.slice(0, before.length - text.length);
  const names = namesIn(text.slice(0, text.length - begun.length), 0).map((name) => name.text);
  return { names, begun, afterValue: names.length === 0 && /\.\??$/.test(head) };
}

const namesIn = (chain: string, offset: number): readonly Name[] =>
  Array.from(chain.matchAll(NAME), (match) => {
    const quoted = match[1] ?? match[2];
    const start = offset + match.index + (quoted === undefined ? 0 : 1);
    const text = quoted ?? match[0];
    return { text, start, end: start + text.length };
  });
