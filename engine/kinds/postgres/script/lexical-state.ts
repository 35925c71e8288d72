/** What a place in a text of SQL is inside of: a quoted text by the quote that ends it, or a comment by its depth. */
export interface LexicalState {
  readonly quote: string;
  /** Of a text in which a backslash escapes: E'…'. */
  readonly escapes: boolean;
  readonly comment: number;
}

export const OUTSIDE: LexicalState = { quote: '', escapes: false, comment: 0 };

export const isOutside = ({ quote, comment }: LexicalState): boolean => quote === '' && comment === 0;

/** What can begin or end something, and a backslash. */
const NEXT = /'|"|--|\/\*|\*\/|\\|\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$/g;

/**
 * Goes on through one line. `command`: where a backslash stands outside of everything, which psql takes for a command
 * of its own; -1 when there is none.
 */
export function throughLine(
  line: string,
  before: LexicalState,
): { readonly state: LexicalState; readonly command: number } {
  let { quote, escapes, comment } = before;
  const pattern = new RegExp(NEXT);
  for (let found = pattern.exec(line); found !== null; found = pattern.exec(line)) {
    const [token] = found;
    const at = found.index;
    if (comment > 0) {
      if (token === '/*') comment += 1;
      else if (token === '*/') comment -= 1;
      // Of anything else one character is passed over: what ends the comment may begin in it.
      else pattern.lastIndex = at + 1;
    } else if (quote !== '') {
      if (token === '\\' && escapes) pattern.lastIndex = at + 2;
      else if (token === quote) quote = '';
      else pattern.lastIndex = at + 1;
    } else if (token === '--') return { state: OUTSIDE, command: -1 };
    else if (token === '\\') return { state: OUTSIDE, command: at };
    else if (token === '/*') comment = 1;
    else if (token === '*/') pattern.lastIndex = at + 1;
    else if (token.startsWith('$') && /[\w\x80-\xff]/.test(line.charAt(at - 1))) {
      // Part of a name, which may hold a dollar sign.
      pattern.lastIndex = at + 1;
    } else {
      quote = token;
      escapes = token === "'" && /(?:^|[^\w\x80-\xff$])[eE]$/.test(line.slice(Math.max(0, at - 2), at));
    }
  }
  return { state: { quote, escapes, comment }, command: -1 };
}
