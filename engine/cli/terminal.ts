import { styleText } from 'node:util';
import { columns, prose } from '../base/layout.ts';
import { harmless, harmlessJson } from '../base/text.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { formatDiagnostic } from '../source/frame.ts';

/** https://no-color.org: a value that is not empty, whatever it is, switches colour off. */
const wantsColor = (stream: NodeJS.WriteStream): boolean =>
  (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb' && stream.isTTY;

const paint =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    style.color ? styleText(format, harmless(text), { validateStream: false }) : text;

/** Colour for the lines that commands write; plain where standard output is no terminal. */
export const style = {
  color: wantsColor(process.stdout),
  red: paint('red'),
  green: paint('green'),
  yellow: paint('yellow'),
  bold: paint('bold'),
  dim: paint('dim'),
};

/** A person can be asked: both ends of the conversation are a terminal. */
export const isAsked = (): boolean => process.stdin.isTTY && process.stdout.isTTY;

/** And its cursor can be moved. */
export const isInteractive = (): boolean => isAsked() && process.env['TERM'] !== 'dumb';

/** Columns for a report: the terminal's, or what reads well in a file. */
export const reportWidth = (): number => (isTerminal() ? process.stdout.columns : 100);

/** Columns for a list: the terminal's; where it goes elsewhere, a line for each of its rows. */
export const listWidth = (): number => (isTerminal() ? process.stdout.columns : Number.POSITIVE_INFINITY);

/** drillbook's own colours: a number or two, and nothing that moves a cursor. */
const COLOUR = /(\u001B\[\d{1,2}m)/;

/** The one way to a terminal: whatever a text is made of, no more than colour gets through, and that where there is colour. */
const safe = (text: string): string =>
  style.color
    ? text
        .split(COLOUR)
        .map((part) => (COLOUR.test(part) ? part : harmless(part)))
        .join('')
    : harmless(text);

/** What goes into a file in place of standard output. */
let collected: string[] | undefined;

const write = (text: string): void => {
  if (collected === undefined) process.stdout.write(text);
  else collected.push(text);
};

/** From here on what is printed is kept, as plain as in a pipe, until `end` gives it. */
export function collectOutput(): { end(): string } {
  const { color } = style;
  const parts: string[] = [];
  collected = parts;
  style.color = false;
  return {
    end: () => {
      collected = undefined;
      style.color = color;
      return parts.join('');
    },
  };
}

const isTerminal = (): boolean => collected === undefined && process.stdout.isTTY;

export const print = (text: string): void => {
  write(`${safe(text)}\n`);
};

export const printError = (text: string): void => {
  process.stderr.write(`${safe(text)}\n`);
};

/** Sentences for people, broken between words where the terminal ends; what goes on stands `hang` columns further in. */
export const say = (text: string, hang = 0): void => {
  print(prose(text, listWidth(), hang));
};

/** The same on standard error. */
export const sayError = (text: string, hang = 0): void => {
  printError(prose(text, errorWidth(), hang));
};

/** A command or a hash, to be copied: below its words where both do not fit on a line, and never broken itself. */
export const sayCommand = (words: string, command: string, write: (text: string) => void = print): void => {
  const fits = columns(`${words} ${command}`) <= listWidth();
  if (fits) write(`${words} ${style.bold(command)}`);
  else {
    write(prose(words, listWidth(), 0));
    write(`${/^ */.exec(words)?.[0] ?? ''}  ${style.bold(command)}`);
  }
};

const errorWidth = (): number => (process.stderr.isTTY ? process.stderr.columns : Number.POSITIVE_INFINITY);

/** What is wrong in a file, on standard error. */
export const printDiagnostic = (diagnostic: Diagnostic): void => {
  printError(formatDiagnostic(diagnostic, { color: style.color, width: errorWidth() }));
};

/** For programs: the same value, with what a terminal might obey escaped. */
export const printJson = (value: unknown, indent?: number): void => {
  write(`${harmlessJson(value, indent)}\n`);
};

/** A file's text whose lines end as its format demands (CSV, iCalendar). */
export const printFile = (text: string): void => {
  write(text.split('\r\n').map(harmless).join('\r\n'));
};
