import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadEnvironment } from '../load/environment.ts';
import { sharedFingerprints } from '../load/fingerprints.ts';
import { folderLibrary, placesIn } from '../load/library.ts';
import type { OwnKind } from '../load/own-kinds.ts';
import { PlaybookLoader } from '../load/playbook.ts';
import type { LoadOptions } from '../load/playbook.ts';
import { readSourceNow } from '../load/read-source.ts';
import type { ReadSource } from '../load/read-source.ts';
import type { Environment } from '../model/environment.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/file.ts';
import { systemClock } from './clock.ts';
import { callFolders } from './folder.ts';
import { besideOf, environmentsBeside, knownEnvironment } from './loading.ts';

/** What is to be said of a file, and what it is made of besides. */
export interface CheckedFile {
  readonly diagnostics: readonly Diagnostic[];
  /** The file and those that it calls; none where it cannot be read. */
  readonly sources: readonly SourceFile[];
  /** The kinds of the user's own that they name. */
  readonly ownKinds: readonly OwnKind[];
}

interface FileCheckOptions extends Omit<LoadOptions, 'today'> {
  /** How files are read; from the disk without it. */
  readonly read?: ReadSource;
}

/** Checks the files of a folder of playbooks, each by what it is; what several of them call is loaded once. */
export class FileCheck {
  readonly #folder: string;
  readonly #read: ReadSource;
  readonly #loaders: Loaders;

  /** @param folder in which names of playbooks and environments are looked for */
  constructor(folder: string, { read = readSourceNow, ...options }: FileCheckOptions = {}) {
    this.#folder = folder;
    this.#read = read;
    this.#loaders = new Loaders(folder, read, { ...options, today: today() });
  }

  /** All that is wrong in a file. */
  async check(path: string): Promise<CheckedFile> {
    const file = this.#read(path);
    if (!file.ok) return { diagnostics: [file.error], sources: [], ownKinds: [] };
    const other = await this.#other(path, file.value);
    if (other !== undefined) return { diagnostics: other, sources: [file.value], ownKinds: [] };
    return this.#loaders.of(path).load(file.value);
  }

  /** What is wrong in a file that is no playbook; undefined for one that is. */
  async #other(path: string, file: SourceFile): Promise<readonly Diagnostic[] | undefined> {
    const folder = basename(dirname(path));
    if (folder === 'environments') return this.#environment(file);
    if (folder === 'worlds') return (await import('../load/world.ts')).loadWorld(file).diagnostics;
    if (folder === 'backups') {
      return (await (await import('../load/backups/backup.ts')).loadBackup(file)).diagnostics;
    }
    if (/^schedule\.ya?ml$/.test(basename(path))) {
      const { loadScheduleFile } = await import('./scheduling.ts');
      return (await loadScheduleFile(file, this.#folder)).diagnostics;
    }
    return /^monitors\.ya?ml$/.test(basename(path)) ? this.#monitors(file) : undefined;
  }

  async #environment(file: SourceFile): Promise<readonly Diagnostic[]> {
    const { value, diagnostics } = await loadEnvironment(file, besideOf(file, this.#read));
    if (value === undefined) return diagnostics;
    return [...diagnostics, ...sharedFingerprints(value, await environmentsBeside(value, this.#read))];
  }

  async #monitors(file: SourceFile): Promise<readonly Diagnostic[]> {
    const { loadMonitors } = await import('../load/monitors.ts');
    const { knownNames } = await import('./scheduling.ts');
    const { environments: names } = await knownNames(this.#folder);
    const find = (name: string): Promise<Environment | undefined> =>
      knownEnvironment(name, this.#folder, this.#read);
    return (await loadMonitors(file, { names, find })).diagnostics;
  }
}

/** What loads the files of each folder. What a file among the playbooks calls is found as a run finds it. */
class Loaders {
  readonly #folders: readonly string[];
  readonly #read: ReadSource;
  readonly #options: LoadOptions;
  readonly #byFolder = new Map<string, PlaybookLoader>();

  constructor(own: string, read: ReadSource, options: LoadOptions) {
    this.#folders = callFolders(own);
    this.#read = read;
    this.#options = options;
    const inRuns = this.#loader(this.#folders);
    for (const place of placesIn(this.#folders)) this.#byFolder.set(place, inRuns);
  }

  /** Of a file from elsewhere, those beside it come first. */
  of(path: string): PlaybookLoader {
    const folder = resolve(dirname(path));
    const loader = this.#byFolder.get(folder) ?? this.#loader([folder, ...this.#folders]);
    this.#byFolder.set(folder, loader);
    return loader;
  }

  #loader(folders: readonly string[]): PlaybookLoader {
    return new PlaybookLoader(folderLibrary(folders, this.#read), this.#options);
  }
}

/** By the calendar of UTC, as `nextReview` is meant. */
const today = (): string => systemClock.now().toString().slice(0, 10);

/** The files of a folder that are checked when none is named. */
export function* checkedFiles(folder: string): Generator<string> {
  for (const part of ['', 'procedures', 'checklists', 'environments', 'worlds', 'backups']) {
    const inside = join(folder, part);
    if (!existsSync(inside)) continue;
    for (const name of readdirSync(inside).sort()) {
      if (/\.ya?ml$/.test(name)) yield join(inside, name);
    }
  }
}
