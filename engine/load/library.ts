import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import { SourceFile } from '../source/file.ts';

/** Where playbooks are found by their id. */
export interface Library {
  /** Undefined when there is none of that id, or it cannot be read. */
  find(id: string): Promise<SourceFile | undefined>;
  ids(): Promise<readonly string[]>;
}

/** No playbook comes near this; parsing far more than this takes minutes. */
const MAX_BYTES = 1024 * 1024;

/** Folders of a library whose files are called by other playbooks. */
const PLACES = ['', 'procedures', 'checklists'];

const SUFFIX = '.yaml';

/** Files beside the playbooks that are none. */
export const NO_PLAYBOOKS: ReadonlySet<string> = new Set(['schedule', 'monitors']);

/** `<folder>/<id>.yaml`, also below `procedures/` and `checklists/`; the first folder that has it wins. */
export function folderLibrary(folders: readonly string[]): Library {
  const places = folders.flatMap((folder) => PLACES.map((place) => join(folder, place)));
  return {
    find(id) {
      const isPlaybook = /^[\w-]+$/.test(id) && !NO_PLAYBOOKS.has(id);
      return Promise.resolve(isPlaybook ? findIn(places, id) : undefined);
    },
    ids() {
      const names = places
        .flatMap(filesIn)
        .filter((name) => name.endsWith(SUFFIX))
        .map((name) => name.slice(0, -SUFFIX.length))
        .filter((name) => !NO_PLAYBOOKS.has(name));
      return Promise.resolve([...new Set(names)].sort());
    },
  };
}

function findIn(places: readonly string[], id: string): SourceFile | undefined {
  for (const place of places) {
    const source = read(join(place, `${id}${SUFFIX}`));
    if (source.ok) return source.value;
  }
  return undefined;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A text file of at most 1 MiB in UTF-8; else what is wrong with it. */
export function readSource(path: string): Promise<Result<SourceFile, Diagnostic>> {
  return Promise.resolve(read(path));
}

/** At once: a playbook is small, and Node's file promises take longer to load than the file to be read. */
function read(path: string): Result<SourceFile, Diagnostic> {
  const shown = shortest(path);
  const problem = (code: string, message: string, hint?: string): Result<SourceFile, Diagnostic> =>
    err({ code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) });
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return problem('DB002', `${shown} is a folder, not a file`);
    if (stats.size > MAX_BYTES) {
      const size = (stats.size / 1024 / 1024).toFixed(1);
      return problem('DB003', `${shown} has ${size} MB; files of more than 1 MB are not read`);
    }
    return decode(shown, readFileSync(path)) ?? problem('DB004', `${shown} is not a text in UTF-8`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return problem('DB001', `There is no file ${shown}`);
    if (code === 'EACCES') return problem('DB002', `${shown} may not be read by this user`);
    return problem(
      'DB002',
      `${shown} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function decode(path: string, bytes: Buffer): Result<SourceFile, Diagnostic> | undefined {
  try {
    return ok(new SourceFile(path, new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return undefined;
  }
}

function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere !== '' && fromHere.length < path.length ? fromHere : path;
}
