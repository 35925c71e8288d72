import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { StepContext } from '../../model/stepkind.ts';
import { StepError } from '../../model/stepkind.ts';

/** Where a file of a step goes: as given (relative to the run's folder), else by the step's key in the run's folder. */
export function placeInRun(
  context: Pick<StepContext, 'run' | 'step'>,
  given: string | undefined,
  suffix: string,
): string {
  const path = given ?? `${context.step.replaceAll(/[^\w.-]+/g, '-')}${suffix}`;
  return isAbsolute(path) ? path : join(context.run.folder, path);
}

/** Throws `StepError` when the folder cannot be made. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new StepError(`the folder ${folder} cannot be made (${why})`, { code: 'cannotWrite', cause });
  }
}
