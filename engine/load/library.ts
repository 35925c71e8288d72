import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from '../source/file.ts';
import { ownKindsIn } from './own-kinds.ts';
import type { OwnKinds } from './own-kinds.ts';
import { readSourceNow } from './read-source.ts';
import type { ReadSource } from './read-source.ts';

/** Where playbooks are found by their id. */
export interface Library {
  /** Undefined when there is none of that id, or it cannot be read. */
  find(id: string): Promise<SourceFile | undefined>;
  ids(): Promise<readonly string[]>;
  /** Kinds of a user's own, which lie beside the playbooks; none without it. */
  readonly ownKinds?: OwnKinds;
}

/** Folders of a library whose files are called by other playbooks. */
const PLACES = ['', 'procedures', 'checklists'];

/**
 * How the file of a playbook ends. The longer ones are for editors, which tell by the name of a file what it is; the
 * id is what stands before.
 */
const SUFFIXES = ['.yaml', '.playbook.yaml', '.drillbook.yaml'];

/** Files beside the playbooks that are none. */
export const NO_PLAYBOOKS: ReadonlySet<string> = new Set(['schedule', 'monitors']);

/** All folders in which the library of these folders looks. */
export const placesIn = (folders: readonly string[]): readonly string[] =>
  folders.flatMap((folder) => PLACES.map((place) => join(folder, place)));

/** `<folder>/<id>.yaml` (or `<id>.playbook.yaml`, `<id>.drillbook.yaml`), also below `procedures/` and `checklists/`; the first folder that has it wins. */
export function folderLibrary(folders: readonly string[], read: ReadSource = readSourceNow): Library {
  const places = placesIn(folders);
  return {
    ownKinds: ownKindsIn(folders),
    find(id) {
      const isPlaybook = /^[\w-]+$/.test(id) && !NO_PLAYBOOKS.has(id);
      return Promise.resolve(isPlaybook ? findIn(places, id, read) : undefined);
    },
    ids() {
      return Promise.resolve(idsIn(folders));
    },
  };
}

/** The ids of the playbooks that lie in these folders, whether they are in order or not. */
export function idsIn(folders: readonly string[]): readonly string[] {
  const names = placesIn(folders)
    .flatMap(filesIn)
    .flatMap((name) => {
      const suffix = SUFFIXES.findLast((each) => name.endsWith(each));
      return suffix === undefined ? [] : [name.slice(0, -suffix.length)];
    })
    .filter((name) => !NO_PLAYBOOKS.has(name));
  return [...new Set(names)].sort();
}

function findIn(places: readonly string[], id: string, read: ReadSource): SourceFile | undefined {
  for (const place of places) {
    for (const suffix of SUFFIXES) {
      const source = read(join(place, id + suffix));
      if (source.ok) return source.value;
    }
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
