import { columns, wrap } from '../base/layout.ts';
import { harmless } from '../base/text.ts';

/**
 * The lines of a command for a terminal of a width. A shell reads them as it reads the command: what is broken goes on
 * behind a backslash, and a text between `<<'SQL'` and its end only where SQL may be broken. What has no such place
 * stays longer than the terminal is wide.
 */
export function shellLines(command: string, width: number): readonly string[] {
  const lines: string[] = [];
  const quoting = new Quoting();
  let document: string | undefined;
  for (const text of harmless(command).trimEnd().split('\n')) {
    if (document !== undefined && text === document) {
      lines.push(text);
      document = undefined;
    } else if (document === 'SQL') lines.push(...brokenSql(text, width));
    else {
      // What stands in for a script is a shell's, too.
      lines.push(...broken(text, width, quoting));
      document ??= quoting.isOpen ? undefined : /<<'(\w+)'/.exec(text)?.[1];
    }
  }
  return lines;
}

/** In which quotes a shell is, character by character. */
class Quoting {
  /** Innermost last: single and double quotes, and what is worked out between parentheses. */
  #around: ("'" | '"' | '(')[] = [];
  #escaped = false;
  #before = '';

  get isOpen(): boolean {
    return this.#around.length > 0;
  }

  get isSingle(): boolean {
    return this.#around.at(-1) === "'";
  }

  /** A backslash stands before: it belongs to what comes next. */
  get isEscaped(): boolean {
    return this.#escaped;
  }

  read(character: string): void {
    const inner = this.#around.at(-1);
    const escaped = this.#escaped;
    this.#escaped = !escaped && inner !== "'" && character === '\\';
    if (!escaped) this.#turn(character, inner);
    this.#before = escaped ? '' : character;
  }

  /** `$(`, anywhere; `<(`, `>(` and parentheses in parentheses not between double quotes. */
  #opens(inner: string | undefined): boolean {
    return this.#before === '$' || (inner !== '"' && (inner === '(' || /[<>]/.test(this.#before)));
  }

  #turn(character: string, inner: string | undefined): void {
    if (character === inner && character !== '(') this.#around.pop();
    else if (inner === "'") return;
    else if (character === '"' || (character === "'" && inner !== '"')) this.#around.push(character);
    else if (character === '(' && this.#opens(inner)) this.#around.push('(');
    else if (character === ')' && inner === '(') this.#around.pop();
  }
}

/** For a quote that is closed, a backslash, and a character that one before belongs to. */
const ROOM_TO_BREAK = 3;

function broken(text: string, width: number, quoting: Quoting): readonly string[] {
  if (!quoting.isOpen && /^\s*#/.test(text)) return commented(text, width);
  const lines: string[] = [];
  let row = '';
  /** How much of the row ends with a space between words. */
  let space = 0;
  const characters = Array.from(text);
  for (const [at, character] of characters.entries()) {
    const isLast = at === characters.length - 1;
    const room = isLast ? width : width - ROOM_TO_BREAK;
    if (columns(row + character) > room && row !== '' && !quoting.isEscaped) {
      if (space > 0) {
        lines.push(`${row.slice(0, space)}\\`);
        row = row.slice(space);
      } else if (quoting.isSingle) {
        lines.push(`${row}'\\`);
        row = "'";
      } else {
        lines.push(`${row}\\`);
        row = '';
      }
      space = 0;
    }
    quoting.read(character);
    row += character;
    if (character === ' ' && !quoting.isOpen && !quoting.isEscaped) space = row.length;
  }
  return [...lines, row];
}

const commented = (text: string, width: number): readonly string[] =>
  wrap(text, width - 2).map((each, index) => (index === 0 ? each : `# ${each}`));

/** At spaces outside of quotes; a line with a comment stays as it is. */
function brokenSql(text: string, width: number): readonly string[] {
  if (columns(text) <= width || text.includes('--')) return [text];
  const lines: string[] = [];
  let row = '';
  for (const word of text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+\s*/g) ?? [text]) {
    if (row !== '' && columns((row + word).trimEnd()) > width) {
      lines.push(row.trimEnd());
      row = '';
    }
    row += word;
  }
  return [...lines, row.trimEnd()];
}
