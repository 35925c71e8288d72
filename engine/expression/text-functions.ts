import type { RegisteredFunctionHandler } from '@marcbachmann/cel-js';
import { spend, textSteps } from './budget.ts';
import { FunctionError } from './function-error.ts';
import { compilePattern } from './patterns.ts';
import type { Pattern } from './patterns.ts';
import { valueText } from './text.ts';
import { fromCel } from './values.ts';

type Define = (signature: string, handler: RegisteredFunctionHandler) => void;

/**
 * The library's functions that search a text, again under names of our own: JavaScript searches in a time
 * that can grow with the text times what is looked for, or far beyond it, and here that is paid for.
 */
export const SEARCHING = ['matches', 'contains', 'indexOf', 'lastIndexOf', 'split'] as const;

/** Functions over texts: those that the language lacks, and those that must not take too long. */
export function registerTextFunctions(define: Define): void {
  define('string.matches_(string): bool', (text: string, pattern: string) =>
    compiled('matches', pattern, false).test(text),
  );
  define('string.contains_(string): bool', (text: string, part: string) => {
    paySearch(text, part);
    return text.includes(part);
  });
  define('string.indexOf_(string): int', (text: string, part: string) => {
    paySearch(text, part);
    return BigInt(text.indexOf(part));
  });
  define('string.indexOf_(string, int): int', (text: string, part: string, from: bigint) => {
    paySearch(text, part);
    return BigInt(text.indexOf(part, placeIn(text, from, 'indexOf')));
  });
  define('string.lastIndexOf_(string): int', (text: string, part: string) => {
    paySearch(text, part);
    return BigInt(text.lastIndexOf(part));
  });
  define('string.lastIndexOf_(string, int): int', (text: string, part: string, from: bigint) => {
    paySearch(text, part);
    return BigInt(text.lastIndexOf(part, placeIn(text, from, 'lastIndexOf')));
  });
  define('string.split_(string): list<string>', split);
  define('string.split_(string, int): list<string>', (text: string, separator: string, most: bigint) => {
    const parts = most === 0n ? [] : split(text, separator);
    if (most < 0n || parts.length <= most) return parts;
    const first = parts.slice(0, Number(most) - 1);
    return [...first, parts.slice(first.length).join(separator)];
  });
  define('join(list, string): string', (list: readonly unknown[], separator: string) =>
    list
      .map((item) => {
        const text = textOf(item);
        spend(textSteps(text) + textSteps(separator));
        return text;
      })
      .join(separator),
  );
  define('text(dyn): string', textOf);
  define('format(string, list): string', format);
  define('capture(string, string): string', (text: string, pattern: string) => {
    const found = compiled('capture', pattern, true).capture(text);
    if (found !== undefined) return found;
    throw new FunctionError(`capture(): nothing matches /${pattern}/`);
  });
}

const textOf = (value: unknown): string => valueText(fromCel(value));

function compiled(name: string, source: string, lines: boolean): Pattern {
  const pattern = compilePattern(source, lines);
  if (pattern.ok) return pattern.value;
  throw new FunctionError(`${name}(): /${source}/ is no regular expression: ${pattern.error}`);
}

/** At worst, what is looked for is held against the text from each character on. */
const paySearch = (text: string, part: string): void =>
  spend(textSteps(text) + Math.ceil((text.length * part.length) / 16));

function placeIn(text: string, from: bigint, name: string): number {
  if (from >= 0n && from <= BigInt(text.length)) return Number(from);
  throw new FunctionError(
    `${name}(): ${String(from)} is no place in a text of ${String(text.length)} characters`,
  );
}

function split(text: string, separator: string): string[] {
  paySearch(text, separator);
  const parts = text.split(separator);
  spend(parts.length);
  return parts;
}

/** Steps to write a number with its digits. */
const NUMBER = 50;

/** `%s` any value as text, `%d` a whole number, `%.2f` a number with that many digits, `%%` itself. */
function format(pattern: string, values: readonly unknown[]): string {
  let next = 0;
  const filled = pattern.replace(/%(?:%|s|d|\.(\d+)f)/g, (verb, digits: string | undefined) => {
    if (verb === '%%') return '%';
    if (next >= values.length) throw new FunctionError(`format() has no value for its ${verb}`);
    const value = values[next++];
    if (verb === '%s') {
      const text = textOf(value);
      spend(textSteps(text));
      return text;
    }
    if (typeof value !== 'number' && typeof value !== 'bigint') {
      throw new FunctionError(`format() needs a number for ${verb}`);
    }
    spend(NUMBER);
    return digits === undefined ? String(Math.trunc(Number(value))) : Number(value).toFixed(Number(digits));
  });
  if (next < values.length) throw new FunctionError('format() has more values than places for them');
  return filled;
}
