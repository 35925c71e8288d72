import { prose } from '../base/layout.ts';
import { harmless, marked } from '../base/text.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';
import type { Span } from './file.ts';

/** How many columns of a line a frame shows at most; longer lines are cut around the place. */
const WIDEST = 110;
/** And at least, on whatever terminal: less shows nothing. */
const NARROWEST = 30;

export interface FrameOptions {
  readonly color: boolean;
  /** Columns of the terminal, where it goes to one: sentences are broken between words, frames are cut. */
  readonly width?: number;
}

/** How many characters of a message or a hint are shown: what it quotes may be as long as the file. */
const LONGEST = 2000;

/**
 * A diagnostic as text for people: what and where, the lines it is about with carets
 * below, the related places in the same form, and what to do. Ends without a newline.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: FrameOptions): string {
  const { color, width = Number.POSITIVE_INFINITY } = options;
  const paint = painter(color);
  const told = (text: string): string => prose(text, width, 2);
  const blocks = [told(heading(diagnostic, paint))];
  if (diagnostic.span !== undefined)
    blocks.push(frame(diagnostic.span, { paint, mark: diagnostic.severity, width }));
  for (const { message, span } of diagnostic.related ?? []) {
    blocks.push(
      told(`  ${paint.dim(`${place(span)}:`)} ${sentence(message)}`),
      frame(span, { paint, mark: 'related', width }),
    );
  }
  if (diagnostic.hint !== undefined)
    blocks.push(told(`  ${paint.hint('hint:')} ${sentence(diagnostic.hint)}`));
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

interface FrameLook {
  readonly paint: Painter;
  readonly mark: Severity | 'related';
  readonly width: number;
}

function frame(span: Span, { paint, mark, width }: FrameLook): string {
  const start = span.file.position(span.start);
  const end = span.file.position(Math.max(span.start, span.end));
  const text = marked(span.file.line(start.line));
  const lastColumn = end.line === start.line ? end.column : text.length + 1;
  const number = String(start.line);
  const room = Math.min(WIDEST, Math.max(NARROWEST, width - number.length - 5));
  // What stands before the place is as much of it as leaves the place most of the room.
  const from = start.column > room - 20 ? Math.max(0, start.column - Math.min(40, Math.floor(room / 3))) : 0;
  const shown = text.slice(from, from + room);
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
