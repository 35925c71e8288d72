import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { isBuilt } from '../../engine/cli/build-note.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** Builds `dist/` once before the tests, as `npm ci` does; not when the last build was of the same sources. */
export default function build(): void {
  if (!isBuilt(ROOT)) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit', cwd: ROOT });
}
