import { expect, test } from 'vitest';
import { within } from '../../../engine/load/syntax/locate.ts';
import { SourceFile } from '../../../engine/source/file.ts';

test.each([
  ['when: "size(a"\n', 13, 14],
  ['when: size(a', 12, 12],
])(
  'an expression that ends too early is marked behind it, and never beyond the file: %j',
  (text, start, end) => {
    const file = new SourceFile('a.yaml', text);
    const first = text.indexOf('size');
    const span = { file, start: first, end: first + 'size(a'.length };
    expect(within(span, 'size(a', 6, 6)).toMatchObject({ start, end });
  },
);
