import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../engine/cli/generated-files.ts';
import { PACKAGE_ROOT } from '../../engine/cli/package-info.ts';

const files = await generatedFiles(PACKAGE_ROOT);

test.each(files.map((file) => ({ ...file, name: relative(PACKAGE_ROOT, file.path) })))(
  '$name is as it would be made now (`npm run generate` mends it)',
  ({ text, now }) => {
    expect(now).toBe(text);
  },
);

test.each(
  files
    .filter(({ path }) => /steps\/[a-z].*\.md$/.test(path))
    .map(({ path, text }) => [relative(PACKAGE_ROOT, path), text]),
)('the head of %s is made, and not by hand', (_, text) => {
  expect(text.slice(0, text.indexOf('\n## '))).toContain('<!-- by hand -->');
});
