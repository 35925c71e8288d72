import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the installed package: two above this file, in `engine/` as in `dist/`. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function engineVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}

/** Which build this is: another one may make something else of the same files. */
export function builtAs(): string {
  try {
    return readFileSync(join(PACKAGE_ROOT, 'dist', 'bundle', 'current'), 'utf8');
  } catch {
    return 'unbuilt';
  }
}
