import { describe, expect, test } from 'vitest';
import { Duration } from '../../engine/base/duration.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Value, ValueMap } from '../../engine/base/value.ts';
import { createEvaluator } from '../../engine/expression/evaluator.ts';
import type { Expression, Template } from '../../engine/model/template.ts';
import { EvaluationError } from '../../engine/model/ports.ts';
import { SourceFile } from '../../engine/source/file.ts';

const file = new SourceFile('test.yaml', '');
const span = { file, start: 0, end: 0 };
const expression = (source: string): Expression => ({ source, span });
const evaluator = createEvaluator();

const evaluate = (source: string, scope: ValueMap = {}): Value =>
  evaluator.evaluate(expression(source), scope);
const text = (parts: readonly (string | Expression)[], scope: ValueMap): Value =>
  evaluator.render({ type: 'text', parts, span }, scope);

function failure(source: string, scope: ValueMap = {}): string {
  try {
    const value = evaluate(source, scope);
    throw new Error(`it gave ${JSON.stringify(value)}`);
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

const at = (iso: string): Instant => Instant.parse(iso)!;

describe('numbers', () => {
  test.each([
    ['1 + 2', {}, 3],
    ['1 + 2.5', {}, 3.5],
    ['2.5 * 2', {}, 5],
    ['a + 1', { a: 2 }, 3],
    ['a + 1', { a: 2.5 }, 3.5],
    ['1.5 - a', { a: 1 }, 0.5],
    ['a / 2', { a: 5 }, 2],
    ['a / 2.0', { a: 5 }, 2.5],
    ['a > 0.5', { a: 1 }, true],
    ['a == 2.0', { a: 2 }, true],
    ['1 == 1.0', {}, true],
    ['1 != 1.5', {}, true],
    ['a < b', { a: 1, b: 1.5 }, true],
    ['-a', { a: 3 }, -3],
    ['rows[0].n + rows[1].n', { rows: [{ n: 1 }, { n: 2.5 }] }, 3.5],
  ] satisfies [string, ValueMap, Value][])('%s with %j gives %j', (source, scope, expected) => {
    expect(evaluate(source, scope)).toEqual(expected);
  });

  test('beyond the safe integers they stay whole', () => {
    expect(evaluate('a + 1', { a: 9_007_199_254_740_991 })).toBe(9_007_199_254_740_992n);
    expect(evaluate('a - 1', { a: 9_007_199_254_740_993n })).toBe(9_007_199_254_740_992n);
  });
});

describe('times and durations', () => {
  const scope = { t: at('2025-11-01T12:00:00.000001Z'), u: at('2025-11-01T13:30:00Z') };

  test.each([
    ['u - t', new Duration(5_399_999_999)],
    ['t + duration("1h30m")', at('2025-11-01T13:30:00.000001Z')],
    ['duration("1s") + t', at('2025-11-01T12:00:01.000001Z')],
    ['t - duration("1us")', at('2025-11-01T12:00:00Z')],
    ['t < u', true],
    ['t >= u', false],
    ['t == timestamp("2025-11-01T13:00:00.000001+01:00")', true],
    ['t != u', true],
    ['t in [u, t]', true],
    ['duration("1h") * 2 - duration("30m")', new Duration(5_400_000_000)],
    ['duration("1h") / duration("30m")', 2],
    ['duration("90s") > duration("1m")', true],
    ['max(t, u) == u', true],
    ['(u - t).getMinutes()', 89],
    ['string(duration("90m"))', '1h30m'],
    ['timestamp(text(t)) == t', true],
  ] satisfies [string, Value][])('%s', (source, expected) => {
    expect(evaluate(source, scope)).toEqual(expected);
  });

  test('a time without an offset is refused', () => {
    expect(failure('timestamp(a)', { a: '2025-11-01T12:00:00' })).toContain('offset');
  });

  test('a time is not compared with a text', () => {
    expect(failure('t > "2025-11-01"', scope)).toBe('">" does not go between a time and a text');
  });
});

describe('functions that the language lacks', () => {
  test.each([
    ['min(3, 1, 2)', 1],
    ['max([1, 2.5])', 2.5],
    ['sort([3, 1, 2])', [1, 2, 3]],
    ['join([1, "a", true], "-")', '1-a-true'],
    ['format("%s: %d rows, %.1f %%", ["x", 3, 2.25])', 'x: 3 rows, 2.3 %'],
    ['text([1, "a"])', '[1,"a"]'],
    ['last([1, 2])', 2],
    ['capture("id=dpg-1 done", "id=(\\\\S+)")', 'dpg-1'],
    ['capture("abc", "b.")', 'bc'],
  ] satisfies [string, Value][])('%s', (source, expected) => {
    expect(evaluate(source)).toEqual(expected);
  });

  test.each([
    ['last([])', 'last() of an empty list'],
    ['max(1, "a")', 'all of one kind'],
    ['capture("abc", "x")', 'nothing matches /x/'],
    ['format("%s", [])', 'no value for its %s'],
  ])('%s fails: %s', (source, message) => {
    expect(failure(source)).toContain(message);
  });
});

describe('members', () => {
  const scope = {
    steps: {
      restore: { outcome: 'succeeded', output: { database: 'x', rowCount: 2 } },
      skipped: { outcome: 'skipped' },
    },
  };

  test('a missing member is named, with what there is and what was meant', () => {
    expect(failure('steps.restore.output.rowcount > 0', scope)).toBe(
      'steps.restore.output has no "rowcount"; it has database, rowCount. Did you mean "rowCount"?',
    );
  });

  test('a step without output says why', () => {
    expect(failure('steps.skipped.output.id', scope)).toBe(
      'the step "skipped" has no output: its outcome is skipped',
    );
  });

  test('a name that is not there at all', () => {
    expect(failure('step.restore', scope)).toBe('"step" has no value here. Did you mean "steps"?');
  });

  test('has() and optional access ask without failing', () => {
    expect(evaluate('has(steps.skipped.output)', scope)).toBe(false);
    expect(evaluate('has(steps.restore.output.database)', scope)).toBe(true);
    expect(evaluate('has(steps.skipped.output.database.id)', scope)).toBe(false);
    expect(evaluate('has(steps.restore.output.database.id.more)', scope)).toBe(false);
    expect(evaluate('steps.skipped.?output.?id.orValue("none")', scope)).toBe('none');
    expect(evaluate('steps.skipped.?output', scope)).toBe(null);
  });

  test('null is a value', () => {
    expect(evaluate('a == null', { a: null })).toBe(true);
    expect(evaluate('a == null', { a: 'x' })).toBe(false);
    expect(evaluate('a != null', { a: { b: 1 } })).toBe(true);
    expect(evaluate('has(a.b)', { a: { b: null } })).toBe(true);
  });

  test('keys may be any text', () => {
    const odd = JSON.parse('{"constructor": 1, "__proto__": {"x": 2}, "a b": 3}') as ValueMap;
    expect(evaluate('m["constructor"] + m["__proto__"].x + m["a b"]', { m: odd })).toBe(6);
  });

  test('a scope that has changed gives another answer', () => {
    const mutable: Record<string, Value> = { a: { b: 1 } };
    expect(evaluate('a.b', mutable)).toBe(1);
    mutable['a'] = { b: 2 };
    expect(evaluate('a.b', mutable)).toBe(2);
  });

  test('lists are filtered and mapped', () => {
    const rows = [
      { n: 1, ok: true },
      { n: 2, ok: false },
    ];
    expect(evaluate('rows.filter(r, r.ok).map(r, r.n)', { rows })).toEqual([1]);
    expect(evaluate('rows.all(r, r.n > 0)', { rows })).toBe(true);
    expect(failure('rows[5].n', { rows })).toContain('index 5');
  });
});

describe('templates', () => {
  test('values keep their type, texts are texts', () => {
    const template: Template = {
      type: 'map',
      span,
      entries: [
        { key: 'at', value: { type: 'expression', expression: expression('t'), span } },
        { key: 'list', value: { type: 'list', span, items: [{ type: 'literal', value: 1, span }] } },
      ],
    };
    const t = at('2025-11-01T12:00:00Z');
    expect(evaluator.render(template, { t })).toEqual({ at: t, list: [1] });
    expect(text(['at ', expression('t'), '!'], { t })).toBe('at 2025-11-01T12:00:00.000Z!');
  });

  test('a secret never becomes a part of a text', () => {
    const secret = { $ref: 'env', name: 'KEY' };
    expect(evaluate('s', { s: secret })).toEqual(secret);
    expect(() => text(['Bearer ', expression('s')], { s: secret })).toThrow('a secret cannot become part');
    expect(failure('text(s)', { s: secret })).toContain('a secret cannot become part');
    expect(failure('join([s], "")', { s: secret })).toContain('a secret cannot become part');
    expect(failure('"x" + s', { s: secret })).toBe('"+" does not go between a text and an object');
  });
});

test('a condition that is neither true nor false says what it is', () => {
  expect(() => evaluator.test(expression('1 + 1'), {})).toThrow(
    'gives the number 2, which is neither true nor false',
  );
});

test('an error carries the expression and its place', () => {
  const broken = expression('a.b');
  expect(() => evaluator.evaluate(broken, { a: {} })).toThrow(
    expect.objectContaining({ name: 'EvaluationError', expression: broken }) as Error,
  );
});
