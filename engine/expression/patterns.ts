import { createRequire } from 'node:module';
import type * as Library from 're2js';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import { TooMuchWork, spend, withBudget } from './budget.ts';

/**
 * Regular expressions by the rules of RE2, as CEL demands: the time is in proportion to the text, whatever
 * the pattern. JavaScript's own can take longer than anybody lives.
 */
export interface Pattern {
  test(text: string): boolean;
  /** What the first group matched, or the whole match when there is no such group; undefined without a match. */
  capture(text: string): string | undefined;
}

/** `lines`: `^` and `$` also stand at the ends of lines. Else what is wrong with the pattern, in words. */
export function compilePattern(source: string, lines: boolean): Result<Pattern, string> {
  const key = `${lines ? 'lines' : 'text'} ${source}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  spend(source.length * (source.includes('{') ? REPEATED_CHARACTER : CHARACTER));
  const result = compileAnew(source, lines);
  if (compiled.size >= MOST_KEPT) compiled.clear();
  compiled.set(key, result);
  return result;
}

/** What is wrong with a pattern, before there is a text to match; undefined when nothing is. */
export function patternProblem(source: string): string | undefined {
  try {
    const pattern = withBudget(() => compilePattern(source, false));
    return pattern.ok ? undefined : pattern.error;
  } catch (error) {
    if (error instanceof TooMuchWork) return 'it is too large';
    throw error;
  }
}

const MOST_KEPT = 500;
const compiled = new Map<string, Result<Pattern, string>>();

/** Steps to compile a character of a pattern; `x{1000}` becomes a thousand. */
const CHARACTER = 500;
const REPEATED_CHARACTER = 30_000;

function compileAnew(source: string, lines: boolean): Result<Pattern, string> {
  const { RE2JS: library, RE2JSException } = loadLibrary();
  let pattern: Library.RE2JS;
  try {
    pattern = library.compile(source, lines ? library.MULTILINE : 0);
  } catch (error) {
    if (error instanceof RE2JSException) return err(plainMessage(error.message));
    throw error;
  }
  const size = pattern.programSize();
  // Matching visits, at worst, each part of the pattern at each character of the text.
  const pay = (text: string): void => spend(text.length * size);
  return ok({
    test(text) {
      pay(text);
      return pattern.test(text);
    },
    capture(text) {
      pay(text);
      const matcher = pattern.matcher(text);
      if (!matcher.find()) return undefined;
      return (matcher.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group(0) ?? undefined;
    },
  });
}

/** Loaded with the first pattern: few playbooks have one, and evaluating does not wait. */
const loadLibrary = (): typeof Library => createRequire(import.meta.url)('re2js') as typeof Library;

const plainMessage = (message: string): string => message.replace(/^error parsing regexp: /, '');
