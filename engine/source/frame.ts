import { harmless, marked } from '../base/text.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import type { Span } from './file.ts';

/** How many columns of a line a frame shows; longer lines are cut around the place. */
const WIDTH = 110;

/** How many characters of a message or a hint are shown: what it quotes may be as long as the file. */
const LONGEST = 2000;

/**
 * A diagnostic as text for people: what and where, the lines it is about with carets
 * below, the related places in the same form, and what to do. Ends without a newline.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: { readonly color: boolean }): string {
  const paint = painter(options.color);
  const blocks = [heading(diagnostic, paint)];
  if (diagnostic.span !== undefined) blocks.push(frame(diagnostic.span, paint, diagnostic.severity));
  for (const { message, span } of diagnostic.related ?? []) {
    blocks.push(`  ${paint.dim(`${place(span)}:`)} ${sentence(message)}`, frame(span, paint, 'related'));
  }
  if (diagnostic.hint !== undefined) blocks.push(`  ${paint.hint('hint:')} ${sentence(diagnostic.hint)}`);
  return blocks.join('\n');
}

function heading(diagnostic: Diagnostic, paint: Painter): string {
  const where = diagnostic.span === undefined ? '' : `${paint.bold(place(diagnostic.span))} - `;
  const severity = paint[diagnostic.severity](diagnostic.severity);
  return `${where}${severity} ${paint.dim(diagnostic.code)}: ${sentence(diagnostic.message)}`;
}

/** Cut in the middle where it is too long: it ends with what is wrong. */
function sentence(text: string): string {
  const characters = Array.from(text);
  if (characters.length <= LONGEST) return harmless(text);
  const half = LONGEST / 2;
  return harmless(`${characters.slice(0, half).join('')} … ${characters.slice(-half).join('')}`);
}

/** `path:line:column`, as editors and terminals make links of. */
function place(span: Span): string {
  const { line, column } = span.file.position(span.start);
  return `${harmless(span.file.path)}:${String(line)}:${String(column)}`;
}

function frame(span: Span, paint: Painter, mark: Severity | 'related'): string {
  const start = span.file.position(span.start);
  const end = span.file.position(Math.max(span.start, span.end));
  const text = marked(span.file.line(start.line));
  const lastColumn = end.line === start.line ? end.column : text.length + 1;
  const from = start.column > WIDTH - 20 ? start.column - 40 : 0;
  const shown = text.slice(from, from + WIDTH);
  const number = String(start.line);
  const gutter = ' '.repeat(number.length);
  const lead = shown.slice(0, start.column - 1 - from).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(
    Math.max(1, Math.min(lastColumn - start.column, shown.length - (start.column - 1 - from))),
  );
  return [
    `  ${paint.dim(`${number} |`)} ${shown}`,
    `  ${paint.dim(`${gutter} |`)} ${lead}${paint[mark](carets)}`,
  ].join('\n');
}

type Painter = Readonly<Record<Severity | 'related' | 'dim' | 'bold' | 'hint', (text: string) => string>>;

function painter(color: boolean): Painter {
  const style = (code: number) => (text: string) =>
    color ? `\u001b[${String(code)}m${text}\u001b[0m` : text;
  return {
    error: style(31),
    warning: style(33),
    related: style(36),
    hint: style(36),
    dim: style(2),
    bold: style(1),
  };
}
