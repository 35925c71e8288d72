import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from './package-info.ts';

/**
 * Each bundle has a folder here, named by what is in it and never changed; the file `current` names the
 * one that the next start loads. So a build takes nothing from a drill that stands at a gate.
 */
export const BUNDLES = join(PACKAGE_ROOT, 'dist', 'bundle');

const CURRENT = join(BUNDLES, 'current');

/** A process says every hour that it uses its bundle (main.cts): longer than a machine sleeps over night. */
const UNUSED_MS = 24 * 60 * 60 * 1000;

/** Puts a bundle there as a whole, lets the next start load it, and removes those that nobody uses any more. */
export function switchTo(files: ReadonlyMap<string, string>): void {
  const id = digestOf(files);
  mkdirSync(BUNDLES, { recursive: true });
  if (!existsSync(join(BUNDLES, id))) placeFolder(id, files);
  // Those that began with the old one have not yet said that they use it.
  const old = existsSync(CURRENT) ? readFileSync(CURRENT, 'utf8') : id;
  touch(join(BUNDLES, old));
  touch(join(BUNDLES, id));
  // npm publishes this one alone, and no code cache.
  placeFile('.npmignore', `*\n!current\n!${id}/*.?js\n`);
  placeFile('current', id);
  removeUnused(id);
}

function digestOf(files: ReadonlyMap<string, string>): string {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

function placeFolder(id: string, files: ReadonlyMap<string, string>): void {
  const draft = join(BUNDLES, `${id}.${String(process.pid)}`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft);
  for (const [name, text] of files) writeFileSync(join(draft, name), text);
  try {
    renameSync(draft, join(BUNDLES, id));
  } catch (error) {
    rmSync(draft, { recursive: true });
    // Another build made the same at the same time.
    if (!existsSync(join(BUNDLES, id))) throw error;
  }
}

function placeFile(name: string, text: string): void {
  const draft = join(BUNDLES, `${name}.${String(process.pid)}`);
  writeFileSync(draft, text);
  renameSync(draft, join(BUNDLES, name));
}

function touch(path: string): void {
  if (existsSync(path)) utimesSync(path, new Date(), new Date());
}

function removeUnused(current: string): void {
  for (const name of readdirSync(BUNDLES)) {
    if ([current, 'current', '.npmignore'].includes(name)) continue;
    const path = join(BUNDLES, name);
    const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - used > UNUSED_MS) rmSync(path, { recursive: true, force: true });
  }
}
