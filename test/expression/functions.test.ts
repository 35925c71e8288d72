import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import { createLanguage, functionsOf } from '../../engine/expression/functions.ts';
import { parseExpression } from '../../engine/expression/parse.ts';
import { EvaluationError } from '../../engine/model/ports.ts';
import { SourceFile } from '../../engine/source/file.ts';

const evaluator = createEvaluator();
const page = readFileSync(new URL('../../docs/expressions.md', import.meta.url), 'utf8');

/** `| written | gives | …`, with `\|` for the character that ends a cell. */
const examples = [...page.matchAll(/^\| `(.+?)` \| (.*?) \|/gm)].map(
  ([, written = '', gives = '']) => [written.replaceAll('\\|', '|'), gives] as const,
);

const expression = (source: string) => ({
  source,
  span: { file: new SourceFile('example.yaml', ''), start: 0, end: 0 },
});

/** What is said of it before it runs; else, what is said when it runs. */
function complaint(source: string, scope: ValueMap): string {
  const parsed = parseExpression(source);
  if (!parsed.ok) return `${parsed.error.message}. ${parsed.error.hint ?? ''}`;
  try {
    return `it gave ${JSON.stringify(evaluator.evaluate(expression(source), scope))}`;
  } catch (error) {
    return error instanceof EvaluationError ? error.message : String(error);
  }
}

describe('docs/expressions.md', () => {
  test.each(examples)('%s gives %s', (written, gives) => {
    expect(evaluator.evaluate(expression(`text(${written})`), {})).toBe(gives);
  });

  test('has an example of each function', () => {
    const written = examples.map(([example]) => example).join(' ');
    const missing = [...functionsOf(createLanguage()).keys()].filter(
      (name) => !new RegExp(`\\b${name}\\(`).test(written),
    );
    expect(missing).toEqual([]);
  });
});

describe('a call that cannot be made', () => {
  test.each([
    ['sized([1])', 'there is no function "sized". Did you mean "size"?'],
    ['"abc".containss("a")', 'there is no function "containss". Did you mean "contains"?'],
    ['len([1]) > 1', 'there is no function "len". Did you mean "size"?'],
    ['[1].length() == 1', 'there is no function "length". Did you mean "size"?'],
    ['"a".upper()', 'there is no function "upper". Did you mean "upperAscii"?'],
    ['name.startWith("a")', 'there is no function "startWith". Did you mean "startsWith"?'],
    ['entirelyElse(1)', 'there is no function "entirelyElse". docs/expressions.md has all that there are.'],
    ['now() > now', 'there is no function "now". The time now is a name: write it without brackets.'],
    ['"abc".contains(1)', 'nothing is called as text.contains(number). There is text.contains(text).'],
    ['name.contains(1)', 'nothing is called as text.contains(number). There is text.contains(text).'],
    ['size(1)', 'nothing is called as size(number). There is size(text), size(list), size(map)'],
    ['duration(90)', 'nothing is called as duration(number). There is duration(text), duration(duration).'],
  ])('%s: %s', (source, said) => {
    expect(complaint(source, { name: 'a' })).toContain(said);
  });
});
