import { describe, expect, it } from 'vitest';
import { OUTSIDE, isOutside, throughLine } from '../../../../engine/kinds/postgres/script/lexical-state.ts';

/** Where psql would begin to read a command of its own, over the lines of a text; undefined where it never does. */
function commandIn(text: string): { readonly line: number; readonly column: number } | undefined {
  let state = OUTSIDE;
  for (const [index, line] of text.split('\n').entries()) {
    const through = throughLine(line, state);
    if (through.command !== -1) return { line: index + 1, column: through.command };
    ({ state } = through);
  }
  return undefined;
}

describe('a backslash', () => {
  it.each([
    ['at the beginning of a line', '\\! date', { line: 1, column: 0 }],
    ['behind a statement', 'select 1 \\g | sh', { line: 1, column: 9 }],
    ['behind a text that is over', "select 'a' \\! date", { line: 1, column: 11 }],
    ['behind a doubled quote', "select 'it''s' \\! x", { line: 1, column: 15 }],
    ['behind a text in which it escapes nothing', "select 'a\\' \\! x", { line: 1, column: 12 }],
    ['behind a comment of two levels', '/* a /* b */ c */ \\! x', { line: 1, column: 18 }],
    ['behind a body that another tag does not end', 'do $a$ $b$\n$a$; \\! x', { line: 2, column: 5 }],
    ['behind a name with a dollar sign', 'select a$b$ \\! x', { line: 1, column: 12 }],
    ['behind a text of several lines', "select 'a\nb' \\! x", { line: 2, column: 3 }],
  ])('%s begins a command', (_, text, place) => {
    expect(commandIn(text)).toEqual(place);
  });

  it.each([
    ['in a text', "select '\\! date'"],
    ['in a text of several lines', "select 'a\n\\! date\n'"],
    ['behind an escaped quote', "select E'it\\'s \\! date'"],
    ['behind an escaped quote, with a small e', "select e'it\\'s \\! date'"],
    ['in a name', 'select "a\\b"'],
    ['in a body', 'create function f() as $$\n\\! date\n$$;'],
    ['in a body with a tag', 'as $body$ $$ \\! $$ $body$;'],
    ['in a comment to the end of the line', 'select 1; -- \\! date'],
    ['in a comment of several lines', '/* a\n\\! date\n/* b */ \\! */ select 1;'],
  ])('%s is a part of it', (_, text) => {
    expect(commandIn(text)).toBeUndefined();
  });
});

it('is inside of what has not ended', () => {
  expect(isOutside(throughLine("select 'a", OUTSIDE).state)).toBe(false);
  expect(isOutside(throughLine("select 'a'", OUTSIDE).state)).toBe(true);
  expect(isOutside(throughLine("noise'a\\'", OUTSIDE).state)).toBe(true);
});
