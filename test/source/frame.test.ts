import { expect, test } from 'vitest';
import type { Diagnostic } from '../../engine/source/diagnostic.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { formatDiagnostic } from '../../engine/source/frame.ts';

const file = new SourceFile('a.yaml', 'first: 1\n\tsecond: two words\nthird: 3\n');
const at = (text: string) => {
  const start = file.text.indexOf(text);
  return { file, start, end: start + text.length };
};

const diagnostic: Diagnostic = {
  code: 'DB999',
  severity: 'error',
  message: 'This is wrong',
  span: at('two words'),
  related: [{ message: 'because of this', span: at('first') }],
  hint: 'Write it better.',
};

test('the place, the line with carets below, the related place and the hint', () => {
  expect(formatDiagnostic(diagnostic, { color: false })).toBe(
    [
      'a.yaml:2:10 - error DB999: This is wrong',
      '  2 | \tsecond: two words',
      '    | \t        ^^^^^^^^^',
      '  a.yaml:1:1: because of this',
      '  1 | first: 1',
      '    | ^^^^^',
      '  hint: Write it better.',
    ].join('\n'),
  );
});

test('colors are there when they are asked for', () => {
  const text = formatDiagnostic(diagnostic, { color: true });
  expect(text).toContain('\u001b[31m^^^^^^^^^\u001b[0m');
});

test('without a place there is only the message', () => {
  const text = formatDiagnostic({ code: 'DB001', severity: 'warning', message: 'No file' }, { color: false });
  expect(text).toBe('warning DB001: No file');
});

test('a place of several lines is marked to the end of its first', () => {
  const span = { file, start: 0, end: file.text.length };
  const text = formatDiagnostic({ code: 'DB001', severity: 'error', message: 'All', span }, { color: false });
  expect(text).toContain('1 | first: 1\n    | ^^^^^^^^');
});

test('an empty place still gets a caret, at the end of the file too', () => {
  const span = { file, start: file.text.length, end: file.text.length };
  const text = formatDiagnostic({ code: 'DB001', severity: 'error', message: 'End', span }, { color: false });
  expect(text).toContain('a.yaml:4:1');
  expect(text).toContain('| ^');
});

test('a long line is cut around its place', () => {
  const long = new SourceFile('long.yaml', `${'x'.repeat(500)}HERE${'y'.repeat(500)}`);
  const span = { file: long, start: 500, end: 504 };
  const text = formatDiagnostic(
    { code: 'DB001', severity: 'error', message: 'Long', span },
    { color: false },
  );
  const [, line = '', carets = ''] = text.split('\n');
  expect(line.length).toBeLessThan(120);
  expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE');
});

test('a message that quotes all of a file is cut in its middle, and keeps what is wrong', () => {
  const long = { ...diagnostic, message: `"${'\u{1F300}'.repeat(30_000)}" is no time` };
  const [heading] = formatDiagnostic(long, { color: false }).split('\n');
  expect(heading).toMatch(/^a\.yaml:2:10 - error DB999: "\u{1F300}+ … \u{1F300}+" is no time$/u);
  expect(Array.from(heading ?? '').length).toBeLessThan(2100);
});
