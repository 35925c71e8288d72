import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');
/** All that a build is made of, but for the libraries, which the lock file stands for. */
const SOURCES = [
  ...['engine', 'schemas', 'package.json', 'package-lock.json'],
  ...['tsconfig.json', 'tsconfig.build.json'],
];
const NOTE = join(ROOT, 'dist', '.built-for-tests');

/** Builds `dist/` once before the tests, as `npm ci` does; not when the last build was of the same sources. */
export default function build(): void {
  const sources = digestOfSources();
  if (isBuilt(sources)) return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', cwd: ROOT });
  writeFileSync(NOTE, `${sources} ${currentBundle()}`);
}

/** Whoever built something else since then has changed the bundle, or compiled later than the note was made. */
function isBuilt(sources: string): boolean {
  try {
    const compiled = statSync(join(ROOT, 'dist', '.tsbuildinfo')).mtimeMs;
    return (
      readFileSync(NOTE, 'utf8') === `${sources} ${currentBundle()}` && statSync(NOTE).mtimeMs >= compiled
    );
  } catch {
    return false; // nothing was built, or not for tests
  }
}

const currentBundle = (): string => readFileSync(join(ROOT, 'dist', 'bundle', 'current'), 'utf8');

function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap((source) => filesIn(join(ROOT, source)))) {
    hash.update(`\0${path}\0`).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function filesIn(path: string): readonly string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
