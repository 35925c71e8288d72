import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadEnvironment } from '../../load/environment.ts';
import { sharedFingerprints } from '../../load/fingerprints.ts';
import { folderLibrary, placesIn } from '../../load/library.ts';
import { readSource } from '../../load/read-source.ts';
import { PlaybookLoader } from '../../load/playbook.ts';
import type { LoadOptions } from '../../load/playbook.ts';
import type { Environment } from '../../model/environment.ts';
import type { Diagnostic } from '../../source/diagnostic.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { callFolders, countedFolder } from '../folder.ts';
import {
  besideOf,
  environmentOption,
  environmentsBeside,
  findEnvironment,
  knownEnvironment,
} from '../loading.ts';
import { OwnKindsChecked } from '../check-own-kinds.ts';
import { print } from '../terminal.ts';
import { formatProblems } from '../problems.ts';
import type { ProblemFormat } from '../problems.ts';

export interface CheckOptions {
  readonly playbooks: string;
  readonly format: ProblemFormat;
  readonly env?: string;
}

/** `drillbook check [FILES]`: every problem of every file; exit 2 when there is an error. */
export async function check(files: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const environment =
    options.env === undefined ? undefined : await findEnvironment(options.env, options.playbooks);
  const paths = files.length > 0 ? files : [...checkedFiles(options.playbooks)];
  const diagnostics: Diagnostic[] = [];
  const kinds = new OwnKindsChecked();
  const loaders = new Loaders(options.playbooks, environment);
  for (const path of paths) {
    const folder = files.length > 0 ? options.playbooks : checkedFolder(options.playbooks);
    diagnostics.push(...(await checkFile(path, folder, loaders, kinds)));
  }
  if (files.length === 0) await kinds.addAll(checkedFolder(options.playbooks));
  diagnostics.push(...(await kinds.problems()));
  const text = formatProblems(diagnostics, paths.length, options.format);
  if (text !== '') print(text);
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.invalid : EXIT.done;
}

async function checkFile(
  path: string,
  folder: string,
  loaders: Loaders,
  kinds: OwnKindsChecked,
): Promise<readonly Diagnostic[]> {
  const file = await readSource(path);
  if (!file.ok) return [file.error];
  if (basename(dirname(path)) === 'environments') {
    const { value, diagnostics } = await loadEnvironment(file.value, besideOf(file.value));
    if (value === undefined) return diagnostics;
    return [...diagnostics, ...sharedFingerprints(value, await environmentsBeside(value))];
  }
  if (basename(dirname(path)) === 'worlds') {
    const { loadWorld } = await import('../../load/world.ts');
    return loadWorld(file.value).diagnostics;
  }
  if (basename(dirname(path)) === 'backups') {
    const { loadBackup } = await import('../../load/backups/backup.ts');
    return (await loadBackup(file.value)).diagnostics;
  }
  if (/^schedule\.ya?ml$/.test(basename(path))) {
    const { loadScheduleFile } = await import('../scheduling.ts');
    return (await loadScheduleFile(file.value, folder)).diagnostics;
  }
  if (/^monitors\.ya?ml$/.test(basename(path))) {
    const { loadMonitors } = await import('../../load/monitors.ts');
    const { knownNames } = await import('../scheduling.ts');
    const { environments: names } = await knownNames(folder);
    const find = (name: string): Promise<Environment | undefined> => knownEnvironment(name, folder);
    return (await loadMonitors(file.value, { names, find })).diagnostics;
  }
  const loaded = await loaders.of(path).load(file.value);
  kinds.add(loaded.ownKinds);
  return loaded.diagnostics;
}

/** What loads the files of each folder. What a file among the playbooks calls is found as a run finds it. */
class Loaders {
  readonly #folders: readonly string[];
  readonly #options: LoadOptions;
  readonly #byFolder = new Map<string, PlaybookLoader>();

  constructor(own: string, environment: Environment | undefined) {
    this.#folders = callFolders(own);
    this.#options = { ...environmentOption(environment), today: today() };
    const inRuns = new PlaybookLoader(folderLibrary(this.#folders), this.#options);
    for (const place of placesIn(this.#folders)) this.#byFolder.set(place, inRuns);
  }

  /** Of a file from elsewhere, those beside it come first. */
  of(path: string): PlaybookLoader {
    const folder = resolve(dirname(path));
    const loader =
      this.#byFolder.get(folder) ??
      new PlaybookLoader(folderLibrary([folder, ...this.#folders]), this.#options);
    this.#byFolder.set(folder, loader);
    return loader;
  }
}

/** By the calendar of UTC, as `nextReview` is meant. */
const today = (): string => systemClock.now().toString().slice(0, 10);

/** The team's own folder as soon as it is there, with or without a playbook; else that of the examples. */
const checkedFolder = (own: string): string => (existsSync(own) ? resolve(own) : countedFolder(own));

function* checkedFiles(own: string): Generator<string> {
  const folder = checkedFolder(own);
  for (const part of ['', 'procedures', 'checklists', 'environments', 'worlds', 'backups']) {
    const inside = join(folder, part);
    if (!existsSync(inside)) continue;
    for (const name of readdirSync(inside).sort()) {
      if (/\.ya?ml$/.test(name)) yield join(inside, name);
    }
  }
}
