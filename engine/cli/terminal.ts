import { styleText } from 'node:util';

/** https://no-color.org: a value that is not empty, whatever it is, switches colour off. */
const wantsColor = (stream: NodeJS.WriteStream): boolean =>
  (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb' && stream.isTTY;

const paint =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    style.color ? styleText(format, text, { validateStream: false }) : text;

/** Colour for the lines that commands write; plain where standard output is no terminal. */
export const style = {
  color: wantsColor(process.stdout),
  red: paint('red'),
  green: paint('green'),
  yellow: paint('yellow'),
  bold: paint('bold'),
  dim: paint('dim'),
};

/** A person can be asked: both ends of the conversation are a terminal whose cursor can be moved. */
export const isInteractive = (): boolean =>
  process.stdin.isTTY && process.stdout.isTTY && process.env['TERM'] !== 'dumb';

/** Columns for a report: the terminal's, or what reads well in a file. */
export const reportWidth = (): number => (process.stdout.isTTY ? process.stdout.columns : 100);

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printError = (text: string): void => {
  process.stderr.write(`${text}\n`);
};
