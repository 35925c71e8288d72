/**
 * A text of a playbook as Markdown. Authors write plain sentences: what would be markup by accident is
 * escaped; code between backticks and addresses stay as they are.
 */
export function prose(text: string): string {
  return text
    .trim()
    .split(/(`[^`]+`|https?:\/\/[^\s<>")]+)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[\\*_[\]<>|]/g, escapeOne)))
    .join('');
}

/** On one line: for headings, cells and list items. */
export const line = (text: string): string => prose(text).replaceAll(/\s*\n\s*/g, ' ');

const escapeOne = (sign: string): string => (sign === '<' ? '&lt;' : sign === '>' ? '&gt;' : `\\${sign}`);

/** A code span, with as many backticks as its text demands. */
export function code(text: string): string {
  const flat = text.trim().replaceAll(/\s*\n\s*/g, ' ');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${flat}${fence}` : `${fence} ${flat} ${fence}`;
}

/** A code span in a cell of a table, where even there a bar ends the cell. */
export const cellCode = (text: string): string => code(text).replaceAll('|', '\\|');

export function codeBlock(language: string, text: string): string {
  const fence = text.includes('```') ? '~~~~' : '```';
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

/** The cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');
}

/** The items are Markdown already; one of several lines is indented below its mark. */
export const bullets = (items: readonly string[]): string =>
  items.map((item) => `- ${item.replaceAll(/\n(?=.)/g, '\n  ')}`).join('\n');

export const link = (title: string, url: string): string =>
  `[${line(title)}](${/[\s()<>]/.test(url) ? encodeURI(url).replaceAll('(', '%28').replaceAll(')', '%29') : url})`;

/** Blocks with an empty line between them; those that are empty are left out. */
export const blocks = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n\n');
