import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** All that a build is made of, but for the libraries, which the lock file stands for. */
const SOURCES = [
  ...['engine', 'schemas', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'tsconfig.build.json'],
];

/** The last step of a build: it notes of which sources it was, so that nobody builds the same again. */
export function noteBuild(root: string): void {
  writeFileSync(noteIn(root), `${digestOfSources(root)} ${currentBundle(root)}`);
}

/** Whether `dist/` is built of the sources as they are: whoever bundles or compiles alone makes the note untrue. */
export function isBuilt(root: string): boolean {
  try {
    const compiled = statSync(join(root, 'dist', '.tsbuildinfo')).mtimeMs;
    const note = noteIn(root);
    return (
      statSync(note).mtimeMs >= compiled &&
      readFileSync(note, 'utf8') === `${digestOfSources(root)} ${currentBundle(root)}`
    );
  } catch {
    return false; // nothing was built, or not to its end
  }
}

const noteIn = (root: string): string => join(root, 'dist', '.built-from');

const currentBundle = (root: string): string => readFileSync(join(root, 'dist', 'bundle', 'current'), 'utf8');

function digestOfSources(root: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const path of filesIn(join(root, source))) {
      hash.update(`\0${relative(root, path)}\0`).update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

function filesIn(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
