import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { StepContext } from '../../model/stepkind.ts';
import { StepError } from '../../model/stepkind.ts';

/** Where a file of a playbook is: relative to the run's folder, or absolute. */
export const placeOf = (path: string, { run }: Pick<StepContext, 'run'>): string =>
  isAbsolute(path) ? resolve(path) : resolve(run.folder, path);

/**
 * Throws `StepError` for a place outside of the run's folder, links followed, that was not allowed. What does not exist
 * yet is judged by the folder that does.
 */
export async function checkInside(
  path: string,
  outside: boolean,
  { run }: Pick<StepContext, 'run'>,
): Promise<void> {
  if (outside) return;
  const folder = await realpath(run.folder).catch(() => resolve(run.folder));
  const inner = relative(folder, await realPlace(path));
  if (inner !== '' && inner !== '..' && !inner.startsWith(`..${sep}`) && !isAbsolute(inner)) return;
  throw new StepError(`${path} lies outside of the run's folder`, {
    code: 'outside',
    hint: 'Give a path relative to the run, or add "outside: true" if that is meant.',
  });
}

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
