import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, mkdir, realpath, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { StepContext } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { fileError } from './errors.ts';

/*
 * The one rule for whatever writes on this machine: below the run's folder freely; elsewhere a person has seen it
 * first (`writesElsewhere`), and what is there with another content stays unless `overwrite` is said. Files are for
 * nobody else to read.
 */

export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Where a step writes, after the rule has been looked at. */
export interface WritePlace {
  readonly path: string;
  readonly mayReplace: boolean;
}

/** Where a file of a playbook is: relative to the run's folder, or absolute. */
export const placeOf = (path: string, { run }: Pick<StepContext, 'run'>): string => resolve(run.folder, path);

/** The same in a command that a person copies: before there is a run there is no folder. */
export const fromFolder = (path: string, folder: string | undefined): string =>
  folder === undefined ? path : resolve(folder, path);

/** For `StepKind.writesElsewhere`: the place, when by its name it is not below the run's folder. */
export function elsewhere(path: string | undefined, folder: string): string | undefined {
  if (path === undefined) return undefined;
  const full = resolve(folder, path);
  return isBelow(folder, full) ? undefined : full;
}

/** The same by its name alone, for an effect: what is outside of the run outlives it, and belongs to others. */
export const leavesRun = (path: string | undefined): boolean =>
  path !== undefined && (isAbsolute(path) || normalize(path).split(sep)[0] === '..');

/** Throws `StepError`, before anything is fetched or sent, when what is there can already be told to be in the way. */
export async function claim(
  path: string,
  args: { readonly overwrite?: boolean },
  context: Pick<StepContext, 'run'>,
): Promise<WritePlace> {
  const full = placeOf(path, context);
  const inside = isBelow(context.run.folder, full);
  if (inside) await checkNoWayOut(full, context.run.folder);
  return { path: full, mayReplace: inside || args.overwrite === true };
}

/**
 * Where a step writes what is not whole yet, for `putInPlace`: beside the place, so that it can be renamed, under a name
 * that is this step's own in this run. What a killed life of it left is removed by the next one, and nothing else is.
 */
export const partialBeside = ({ path }: WritePlace, context: Pick<StepContext, 'resourceName'>): string =>
  join(dirname(path), `.${context.resourceName().slice(0, 200)}`);

/** Throws `StepError` when something is there that may not be replaced, whatever its content. */
export async function mustBeFree({ path, mayReplace }: WritePlace): Promise<void> {
  if (!mayReplace && (await exists(path))) throw taken(path);
}

/**
 * Gives what was written beside its place (a file or a folder) its name, when it is whole. What was there is gone only
 * once it is. Throws `StepError` where another content may not be replaced; the same content is no conflict.
 */
export async function putInPlace(beside: string, place: WritePlace): Promise<void> {
  const { path, mayReplace } = place;
  const there = await lstat(path).catch(() => undefined);
  const fromFolder = (await lstat(beside)).isDirectory();
  // A file does not take the place of a folder, whatever is allowed: the system refuses.
  if (there === undefined || (there.isDirectory() && !fromFolder)) return rename(beside, path);
  if (!mayReplace && !(await isSame(beside, path))) throw taken(path);
  if (!there.isDirectory()) return rename(beside, path);
  const old = `${path}.${randomBytes(6).toString('hex')}.old`;
  await rename(path, old);
  await rename(beside, path);
  await rm(old, { recursive: true, force: true });
}

/** Throws `StepError` when the folder cannot be made. One that is there stays as it is. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  } catch (cause) {
    const full = fileError(cause, folder, { doing: 'write' });
    if (full?.code === 'diskFull') throw full;
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new StepError(`the folder ${folder} cannot be made (${why})`, { code: 'cannotWrite', cause });
  }
}

export const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const taken = (path: string): StepError =>
  new StepError(`${path} exists already, and is not written over`, {
    code: 'exists',
    hint: 'Give another path, or add "overwrite: true".',
  });

/** Below, and not the folder itself. */
function isBelow(folder: string, path: string): boolean {
  const inner = relative(folder, path);
  return inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

/** A link in the run's folder is no way around the gate. */
async function checkNoWayOut(path: string, folder: string): Promise<void> {
  const real = await realpath(folder).catch(() => resolve(folder));
  if (isBelow(real, await realPlace(path))) return;
  throw new StepError(`a link leads from ${path} out of the run's folder`, {
    code: 'outside',
    hint: 'Give the place itself: then somebody is asked first.',
  });
}

/** What does not exist yet is judged by the folder that does. */
async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    // A link that leads nowhere would be followed when it is written to.
    const isLink = await lstat(path).then(
      (found) => found.isSymbolicLink(),
      () => false,
    );
    if (isLink || dirname(path) === path) return path;
    return join(await realPlace(dirname(path)), relative(dirname(path), path));
  }
}

/** Two files of the same bytes. */
async function isSame(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(one), lstat(other)]);
  if (!a.isFile() || !b.isFile() || a.size !== b.size) return false;
  return (await digestOf(one)) === (await digestOf(other));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
