import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { generatedFiles } from '../../engine/cli/generated-files.ts';
import { PACKAGE_ROOT } from '../../engine/cli/package-info.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

const run = promisify(execFile);

/** What a build and a test of one kind need of the project. */
const NEEDED = [
  ...['engine', 'schemas', 'docs/steps', 'test/rig', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'tsconfig.build.json', '.prettierrc.json'],
];

/** Files that a page shows in full: a path in a line of its own, then the text. */
function filesOf(page: string): ReadonlyMap<string, string> {
  const shown = page.matchAll(/^`([^`\n]+)`\n\n```\w+\n(.*?)^```$/gms);
  return new Map([...shown].map(([, path = '', text = '']) => [path, text]));
}

test('what docs/adding-a-kind.md shows is built, and its test passes', async () => {
  const files = filesOf(readFileSync(join(PACKAGE_ROOT, 'docs', 'adding-a-kind.md'), 'utf8'));
  expect([...files.keys()]).toEqual([
    'schemas/steps/file.digest.schema.json',
    'engine/kinds/file/file.digest.ts',
    'test/kinds/file/file.digest.test.ts',
  ]);
  const root = temporaryFolder();
  for (const path of NEEDED) cpSync(join(PACKAGE_ROOT, path), join(root, path), { recursive: true });
  symlinkSync(join(PACKAGE_ROOT, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  const program = (name: string, path: string, ...args: readonly string[]): ReturnType<typeof run> =>
    run(process.execPath, [join(root, 'node_modules', name, path), ...args], { cwd: root });

  const stale = (await generatedFiles(root)).filter(({ text, now }) => text !== now);
  expect(stale.map(({ path }) => path.slice(root.length + 1)).sort()).toEqual([
    'docs/steps/README.md',
    'docs/steps/file.digest.md',
    'engine/kinds/table.ts',
    'engine/kinds/types.ts',
    'schemas/playbook.bundle.schema.json',
  ]);
  for (const { path, text } of stale) writeFileSync(path, text);

  // What a build does, but for the bundles; types are looked at where they are new.
  const kind = { extends: './tsconfig.json', include: ['engine/kinds/file/file.digest.ts'] };
  writeFileSync(join(root, 'tsconfig.kind.json'), JSON.stringify(kind));
  await program('typescript', 'bin/tsc', '-p', 'tsconfig.kind.json');
  await program('typescript', 'bin/tsc', '-p', 'tsconfig.build.json', '--noCheck');
  await run(process.execPath, ['dist/load/schemas/compile.js'], { cwd: root });

  writeFileSync(join(root, 'vitest.config.js'), 'export default {};');
  const { stdout } = await program('vitest', 'vitest.mjs', 'run', 'test/kinds/file/file.digest.test.ts');
  expect(stdout).toMatch(/Tests .*2 passed/);
});
