import { describe, expect, test } from 'vitest';
import type { Value, ValueMap } from '../../engine/base/value.ts';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import { parseExpression } from '../../engine/expression/parse.ts';
import { EvaluationError } from '../../engine/model/ports.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { processorMillis } from '../rig/processor-time.ts';

const span = { file: new SourceFile('test.yaml', ''), start: 0, end: 0 };
const evaluator = createEvaluator();
const evaluate = (source: string, scope: ValueMap = {}): Value => evaluator.evaluate({ source, span }, scope);

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

/** Names that stand for twice what the one before stands for, sixty times. */
const doubled = (first: string, twice: (name: string) => string, last = 'v59'): string =>
  numbers(60).reduceRight(
    (inside, index) => `cel.bind(v${index}, ${index === 0 ? first : twice(`v${index - 1}`)}, ${inside})`,
    last,
  );

const nested = (macro: string, inner: string): string =>
  numbers(8).reduceRight((inside, index) => `many.${macro}(x${index}, ${inside})`, inner);

const long = 'a'.repeat(1_000_000);
const scope: ValueMap = {
  many: numbers(1000),
  more: numbers(1_000_000),
  long,
  part: `${'a'.repeat(200_000)}b${'a'.repeat(300_000)}`,
  empty: {},
};

/** What would take minutes, years, or all memory there is, by what it is that makes it so. */
const TOO_MUCH: readonly (readonly [string, string])[] = [
  ...['all', 'exists', 'exists_one', 'map'].map(
    (macro) => [`${macro} in each other`, nested(macro, macro === 'exists' ? 'false' : 'true')] as const,
  ),
  ['filter in each other', 'more.filter(x, more.filter(y, more.filter(z, false) == []) == [])'],
  ['errors that all() goes on after', nested('all', 'empty.x == 1')],
  ['errors that || goes on after', nested('map', '(empty.x || true)')],
  ['a text that doubles', doubled('"a"', (name) => `${name} + ${name}`)],
  ['a list that doubles', doubled('["a"]', (name) => `${name} + ${name}`)],
  ['a list of lists that doubles', doubled('"a"', (name) => `[${name}, ${name}]`)],
  ['a comparison of what doubles', doubled('["a"]', (name) => `[${name}, ${name}]`, '[v59] == [v59]')],
  ['text() of what doubles', doubled('"a"', (name) => `[${name}, ${name}]`, 'text(v59)')],
  ['in a list, for each item', 'more.filter(x, x in more)'],
  ['contains(), of a part that nearly matches everywhere', 'long.contains(part)'],
  ['indexOf(), likewise', 'long.indexOf(part)'],
  ['lastIndexOf(), likewise', 'long.lastIndexOf(part, 900000)'],
  ['split(), likewise', 'long.split(part)'],
  ['size() of a text, for each item', 'more.map(x, long.size())'],
  ['trim() of a text, for each item', 'more.map(x, long.trim())'],
  ['sort() for each item', 'many.map(x, sort(more))'],
  ['min() for each item', 'many.map(x, min(more))'],
  ['join() of a long text, for each item', 'join(more.map(x, long), "")'],
  ['join() as a method', 'more.map(x, long).join()'],
  ['format() for each item', 'more.map(x, format("%.90f %s", [1.5, long]))'],
  ['timestamp() for each item', 'more.map(x, timestamp("2026-01-01T00:00:00Z"))'],
  ['a large pattern on a long text', 'long.matches("(.{1,30}){1,30}c")'],
  ['a pattern that is large itself', `long.matches("${'(ab{999})'.repeat(200)}")`],
  ['capture() for each item', 'more.map(x, capture(long, "(a*)(b*)(.*)"))'],
];

describe('an evaluation ends', () => {
  test.each(TOO_MUCH)('%s is given up', async (_, source) => {
    let thrown: unknown;
    const millis = await processorMillis(() => {
      try {
        evaluate(source, scope);
      } catch (error) {
        thrown = error;
      }
    });
    expect(thrown).toBeInstanceOf(EvaluationError);
    expect((thrown as EvaluationError).message).toMatch(/^takes more work than an expression may do: /);
    // Far above what it takes, far below what it would take.
    expect(millis).toBeLessThan(20_000);
  });

  test('and the next one has all its budget', () => {
    expect(() => evaluate('more.filter(x, x in more)', scope)).toThrow(EvaluationError);
    expect(evaluate('many.filter(x, x < 10).size()', scope)).toBe(10);
  });

  test('the parts of one template share a budget', () => {
    const part = { source: 'more.exists(x, x < 0)', span };
    const parts = Array.from({ length: 100 }, () => part);
    expect(() => evaluator.render({ type: 'text', parts, span }, scope)).toThrow(/takes more work/);
  });
});

describe('what is large and honest is done', () => {
  test.each([
    ['a million items as they are', 'more', (value: Value) => (value as readonly Value[]).length, 1_000_000],
    ['a hundred thousand items', 'rows.filter(x, x % 2 == 0).size()', (value: Value) => value, 50_000],
    ['a pattern on a megabyte', 'long.matches("^(a+)+b")', (value: Value) => value, false],
    ['a megabyte searched', 'long.contains("ab")', (value: Value) => value, false],
    ['a megabyte in lines', 'lines.split("\\n").size()', (value: Value) => value, 100_001],
  ] as const)('%s', (_, source, of, expected) => {
    const values = { ...scope, rows: numbers(100_000), lines: 'a line of\n'.repeat(100_000) };
    expect(of(evaluate(source, values))).toBe(expected);
  });
});

describe('regular expressions', () => {
  test('are matched in a time that grows with the text alone', async () => {
    const millis = await processorMillis(() => {
      expect(evaluate('text.matches("^(a+)+[$]")', { text: `${'a'.repeat(40)}!` })).toBe(false);
      expect(() => evaluate('capture(text, "^(a+)+[$]")', { text: `${'a'.repeat(40)}!` })).toThrow(
        /nothing matches/,
      );
    });
    expect(millis).toBeLessThan(20_000);
  });

  test.each([
    ['"host-12".matches("^[a-z]+-\\\\d+$")', true],
    ['"HOST".matches("(?i)host")', true],
    ['"one\\ntwo".matches("^two$")', false],
    ['capture("one\\nid: 42\\n", "^id: (\\\\d+)$")', '42'],
    ['capture("took 12 s", "\\\\d+")', '12'],
    ['capture("b", "(a)?b")', 'b'],
    ['capture("größe=7", "(\\\\pL+)=")', 'größe'],
  ] as const)('%s gives %j', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  test('say what is wrong with a pattern that comes with the values', () => {
    expect(() => evaluate('"x".matches(pattern)', { pattern: '(?=x)' })).toThrow(
      /matches\(\): .* is no regular expression/,
    );
    expect(() => evaluate('capture("x", pattern)', { pattern: '(' })).toThrow(
      /capture\(\): .* is no regular expression/,
    );
  });
});

describe('an expression that nests too deeply', () => {
  const deep = (levels: number): readonly (readonly [string, string])[] => [
    ['!', `${'!'.repeat(levels)}true`],
    ['-', `${'-'.repeat(levels)}1`],
    ['( )', `${'('.repeat(levels)}1${')'.repeat(levels)}`],
    ['[ ]', `${'['.repeat(levels)}1${']'.repeat(levels)}`],
    ['+', Array.from({ length: levels }, () => '1').join(' + ')],
    ['&&', Array.from({ length: levels }, () => 'true').join(' && ')],
    ['? :', `${'true ? 1 : '.repeat(levels)}1`],
    ['.', `a${'.b'.repeat(levels)}`],
    ['a call', `${'text('.repeat(levels)}1${')'.repeat(levels)}`],
    ['a macro', `${'[1].all(x, '.repeat(levels)}true${')'.repeat(levels)}`],
    ['an index', `${'a['.repeat(levels)}0${']'.repeat(levels)}`],
  ];

  test.each([...deep(400), ...deep(5000), ...deep(100_000)])(
    'by %s is a problem with a place',
    (_, source) => {
      const result = parseExpression(source);
      if (result.ok) throw new Error('it was parsed');
      expect(result.error.kind).toBe('syntax');
      expect(result.error.message).toMatch(/nests too deeply|has too many parts/);
      expect(result.error.start).toBeLessThanOrEqual(result.error.end);
    },
  );

  test.each(deep(100))('by %s a hundred times is none', (_, source) => {
    expect(parseExpression(source).ok).toBe(true);
  });

  test('a value that nests too deeply is refused, not a crash', () => {
    let value: Value = 1;
    for (let level = 0; level < 100_000; level++) value = [value];
    expect(() => evaluate('size(value) > 1', { value })).toThrow(EvaluationError);
  });
});
