import { isAbsolute, join } from 'node:path';
import type { StepContext } from '../../model/kind.ts';

/** Where a file of a step goes: as given (relative to the run's folder), else by the step's key in the run's folder. */
export function placeInRun(
  context: Pick<StepContext, 'run' | 'step'>,
  given: string | undefined,
  suffix: string,
): string {
  const path = given ?? `${context.step.replaceAll(/[^\w.-]+/g, '-')}${suffix}`;
  return isAbsolute(path) ? path : join(context.run.folder, path);
}
