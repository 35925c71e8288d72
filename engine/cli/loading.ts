import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { loadEnvironment } from '../load/environment.ts';
import type { OtherEnvironments } from '../load/environment-sources.ts';
import { folderLibrary } from '../load/library.ts';
import { readSource, readSourceNow } from '../load/read-source.ts';
import type { ReadSource } from '../load/read-source.ts';
import { loadPlaybook } from '../load/playbook.ts';
import type { Loaded, LoadedPlaybook as Book } from '../load/playbook.ts';
import type { OwnKind } from '../load/own-kinds.ts';
import type { Environment } from '../model/environment.ts';
import type { Playbook } from '../model/playbook.ts';
import type { WorldPlan } from '../model/world.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { CommandError, EXIT } from './exit.ts';
import { beside, callFolders, countedPlaybooks, showsExamples, takeOverHint } from './folder.ts';
import { SHIPPED_PLAYBOOKS, shownPath } from './paths.ts';
import { printDiagnostic, printError } from './terminal.ts';
import { invocation } from './invocation.ts';

export interface LoadedPlaybook {
  readonly playbook: Playbook;
  /** The playbook's file, then those that it calls. */
  readonly sources: readonly SourceFile[];
  /** The kinds of the user's own that they name; their code has not been loaded. */
  readonly ownKinds: readonly OwnKind[];
}

/** A playbook by id, or by the path of its file. Problems are printed; an error among them ends the command. */
export async function findPlaybook(
  name: string,
  folder: string,
  environment?: Environment,
): Promise<LoadedPlaybook> {
  const file = await findSource(name, folder);
  const library = folderLibrary(callFolders(folder));
  return expectPlaybook(await loadPlaybook(file, library, environmentOption(environment)), file);
}

export const environmentOption = (environment?: Environment): { environment?: Environment } =>
  environment === undefined ? {} : { environment };

export function expectPlaybook(loaded: Book, file: SourceFile): LoadedPlaybook {
  const { sources, ownKinds } = loaded;
  return { playbook: expectLoaded(loaded, file), sources, ownKinds };
}

async function findSource(name: string, folder: string): Promise<SourceFile> {
  if (/\.ya?ml$/.test(name)) return readFileOrFail(name);
  const counted = countedPlaybooks(folder);
  const file = await counted.find(name);
  if (file !== undefined) return file;
  const near = nearest(name, await counted.ids());
  const where = showsExamples(folder) ? 'among those that drillbook ships' : `in ${folder}`;
  throw new CommandError(`there is no playbook "${name}" ${where}`, {
    exitCode: EXIT.invalid,
    hint:
      takeOverHint(name) ??
      (near === undefined ? `${invocation('list')} shows those that there are.` : `Did you mean "${near}"?`),
  });
}

/** An environment by name (`<playbooks>/environments/<name>.yaml`), or by the path of its file. */
export async function findEnvironment(name: string, folder: string): Promise<Environment> {
  const file = await readFileOrFail(environmentPath(name, folder));
  return expectLoaded(await loadEnvironment(file, besideOf(file)), file);
}

/** The same, where what is wrong with it is told by whoever checks its own file; undefined then. */
export async function knownEnvironment(
  name: string,
  folder: string,
  read: ReadSource = readSourceNow,
): Promise<Environment | undefined> {
  const file = read(environmentPlace(name, folder));
  return file.ok ? (await loadEnvironment(file.value, besideOf(file.value, read))).value : undefined;
}

/** The names of the environments of a folder. */
export function environmentNames(folder: string): readonly string[] {
  const inside = beside(folder, ENVIRONMENTS);
  const files = existsSync(inside) ? readdirSync(inside) : [];
  return files.filter((name) => /\.ya?ml$/.test(name)).map((name) => name.replace(/\.ya?ml$/, ''));
}

const ENVIRONMENTS = 'environments';

/** The environments in the folder of a file, by their names. */
export const besideOf =
  ({ path }: SourceFile, read: ReadSource = readSourceNow): OtherEnvironments =>
  (name) => {
    const file = read(join(dirname(path), `${name}.yaml`));
    return Promise.resolve(file.ok ? file.value : undefined);
  };

/** The other environments of its folder; what is wrong with one is told by whoever checks its own file. */
export async function environmentsBeside(
  { file: own }: Environment,
  read: ReadSource = readSourceNow,
): Promise<readonly Environment[]> {
  const folder = dirname(own.path);
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name) && name !== basename(own.path));
  const loaded = names.map(async (name) => {
    const file = read(join(folder, name));
    return file.ok ? (await loadEnvironment(file.value, besideOf(file.value, read))).value : undefined;
  });
  return (await Promise.all(loaded)).filter((environment) => environment !== undefined);
}

const environmentPlace = (name: string, folder: string): string =>
  join(beside(folder, ENVIRONMENTS), `${name}.yaml`);

function environmentPath(name: string, folder: string): string {
  if (/\.ya?ml$/.test(name)) return name;
  const path = environmentPlace(name, folder);
  if (existsSync(path)) return path;
  const known = environmentNames(folder);
  const near = nearest(name, known);
  const instead =
    near !== undefined
      ? `Did you mean "${near}"?`
      : known.length > 0
        ? `There are: ${known.join(', ')}.`
        : `${invocation('init')} makes a first one.`;
  throw new CommandError(`there is no environment "${name}"`, {
    exitCode: EXIT.invalid,
    hint:
      name === 'sandbox'
        ? 'The sandbox makes its environment when a drill starts it. Name another, such as staging.'
        : `Nothing was touched: there is no ${shownPath(path)}. ${instead}`,
  });
}

/** The file of a world, and what it says. */
export interface FoundWorld {
  readonly file: SourceFile;
  readonly plan: WorldPlan;
}

/**
 * A world by name (`<playbooks>/worlds/<name>.yaml`, else one that drillbook brings), or by the path of its file;
 * undefined when there is no such file.
 */
export async function findWorld(name: string, folder: string): Promise<FoundWorld | undefined> {
  const isPath = /\.ya?ml$/.test(name);
  const path = isPath
    ? name
    : [folder, SHIPPED_PLAYBOOKS].map((each) => worldPath(name, each)).find(existsSync);
  if (path === undefined) return undefined;
  const { loadWorld } = await import('../load/world.ts');
  const file = await readFileOrFail(path);
  return { file, plan: expectLoaded(loadWorld(file), file) };
}

/** The names of the worlds that files of the folder describe, in their order. */
export function worldNames(folder: string): readonly string[] {
  const inside = beside(folder, WORLDS);
  const files = existsSync(inside) ? readdirSync(inside) : [];
  return files
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name, '.yaml'))
    .sort();
}

/** Those that drillbook brings as files: they count in every folder. */
export const shippedWorldNames = (): readonly string[] => worldNames(SHIPPED_PLAYBOOKS);

/** What a drill gets of those that asks for none. */
export async function shippedDefaultWorld(): Promise<FoundWorld> {
  for (const name of shippedWorldNames()) {
    const found = await findWorld(name, SHIPPED_PLAYBOOKS);
    if (found?.plan.isDefault === true) return found;
  }
  throw new Error('none of the worlds that drillbook brings says default: true');
}

/** Whether this is the file of a world that drillbook brings. */
export const isShippedWorld = ({ path }: SourceFile): boolean =>
  resolve(dirname(path)) === beside(SHIPPED_PLAYBOOKS, WORLDS);

const worldPath = (name: string, folder: string): string => join(beside(folder, WORLDS), `${name}.yaml`);

const WORLDS = 'worlds';

/** A file that must be there and be readable: what keeps it from that is printed, and ends the command. */
export async function readFileOrFail(path: string): Promise<SourceFile> {
  const file = await readSource(path);
  if (file.ok) return file.value;
  printDiagnostic(file.error);
  throw new CommandError('nothing was changed', { exitCode: EXIT.invalid });
}

/** The value, or the end of the command: every diagnostic has been printed by then. */
export function expectLoaded<T>(loaded: Loaded<T>, file: SourceFile): T {
  printDiagnostics(loaded.diagnostics);
  if (loaded.value !== undefined) return loaded.value;
  const errors = loaded.diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  throw new CommandError(
    `${file.path} has ${errors} ${errors === 1 ? 'error' : 'errors'}; nothing was changed`,
    {
      exitCode: EXIT.invalid,
    },
  );
}

export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    printDiagnostic(diagnostic);
    printError('');
  }
}
