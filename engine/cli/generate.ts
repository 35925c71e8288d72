import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { generatedFiles } from './generated-files.ts';
import { PACKAGE_ROOT } from './package-info.ts';
import { print } from './terminal.ts';

// `npm run generate`: writes what is made of the schemas and of the folders of the kinds, where it is not so already.

const stale = (await generatedFiles(PACKAGE_ROOT)).filter(({ text, now }) => text !== now);
for (const { path, text } of stale) {
  writeFileSync(path, text);
  print(`written  ${relative(PACKAGE_ROOT, path)}`);
}
if (stale.length === 0) print('everything is as it would be made now');
