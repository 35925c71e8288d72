import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the installed package: two above this file, in `engine/` as in `dist/`. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

export function engineVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return manifest.version;
}
