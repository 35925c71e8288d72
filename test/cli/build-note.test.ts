import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isBuilt, noteBuild } from '../../engine/cli/build-note.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

test('a build is known again, however its folder is named, until a source changes', () => {
  const root = temporaryFolder();
  for (const folder of ['engine', join('dist', 'bundle')]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'engine', 'a.ts'), 'one');
  writeFileSync(join(root, 'dist', '.tsbuildinfo'), '');
  writeFileSync(join(root, 'dist', 'bundle', 'current'), 'abc');
  expect(isBuilt(root)).toBe(false);
  noteBuild(`${root}/`);
  expect([isBuilt(root), isBuilt(`${root}/`)]).toEqual([true, true]);
  writeFileSync(join(root, 'engine', 'a.ts'), 'two');
  expect(isBuilt(root)).toBe(false);
});
