import { expect, test } from 'vitest';
import { splitTemplate } from '../../engine/expression/template.ts';

/** Parts in one line: texts as they are, expressions in ‹ ›, problems in ! !. */
const shown = (text: string): readonly string[] =>
  splitTemplate(text).map((part) => {
    if (part.type === 'text') return part.text;
    return part.type === 'expression' ? `‹${part.source}›` : `!${part.problem.message}!`;
  });

test.each([
  ['plain', ['plain']],
  ['${{ a }}', ['‹a›']],
  ['x ${{ a }}-${{b}} y', ['x ', '‹a›', '-', '‹b›', ' y']],
  ['${{ {"a": {"b": 1}} }}!', ['‹{"a": {"b": 1}}›', '!']],
  ['${{ {"a": {"b": 1}}}}', ['‹{"a": {"b": 1}}›']],
  ['${{ "}}" + a }}', ['‹"}}" + a›']],
  ['${{ "${{ x }}" }}', ['‹"${{ x }}"›']],
  ['a }} b', ['a }} b']],
  ['${{\n  a\n  + 1\n}}', ['‹a\n  + 1›']],
  ['${{ a', ['!"${{" without "}}"!']],
  ['${{ }} b', ['!the expression is empty!', ' b']],
  ['${{ a + }} ${{ b }}', ['!the expression ends too early!', ' ', '‹b›']],
])('%j', (text, expected) => {
  expect(shown(text)).toEqual(expected);
});

test('places are those of the expressions, without the spaces around', () => {
  const text = 'x ${{  a.b }}';
  const [, part] = splitTemplate(text);
  expect(part).toEqual({ type: 'expression', source: 'a.b', start: 7, end: 10 });
  expect(text.slice(7, 10)).toBe('a.b');
});
