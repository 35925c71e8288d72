import { isValueList } from '../../base/value.ts';
import type { Attached } from '../../model/event.ts';
import { isControl } from '../life/failures.ts';
import { NO_OUTPUT } from '../life/frame.ts';
import type { Job, Settled } from '../life/job.ts';
import { namesOf, recordOf } from '../life/job.ts';
import { messageOf, shownText } from '../life/text.ts';

/** Outcomes of a step that has done nothing of which there could be a file. */
const IDLE: ReadonlySet<string> = new Set(['skipped', 'declined', 'cancelled']);

/** Keeps the files that `attach` names with the run. One that is missing is noted, and stops nothing. */
export async function attachFiles(job: Job, settled: Settled): Promise<void> {
  const { run, step } = job;
  if (step.attach === undefined || IDLE.has(settled.outcome)) return;
  const known = recordOf(job)?.attached;
  for (const path of pathsOf(job, settled)) {
    if (typeof path !== 'string') await run.log.append(path);
    else if (known?.has(path) !== true) await run.log.append(await attached(job, path));
  }
}

/** A path that cannot be evaluated is told like a file that is missing. */
function pathsOf(job: Job, { output }: Settled): readonly (string | Attached)[] {
  const { run, step, key } = job;
  if (step.attach === undefined) return [];
  try {
    const value = run.options.evaluator.render(step.attach, namesOf(job, { output: output ?? NO_OUTPUT }));
    return (isValueList(value) ? value : [value]).map(shownText);
  } catch (error) {
    if (isControl(run, error)) throw error;
    return [{ type: 'attached', key, path: 'attach', problem: messageOf(error) }];
  }
}

async function attached({ run, key }: Job, path: string): Promise<Attached> {
  try {
    const copy = await run.options.attach?.(key, path);
    if (copy !== undefined) return { type: 'attached', key, path, ...copy };
    return { type: 'attached', key, path, problem: 'nothing keeps files here' };
  } catch (error) {
    if (isControl(run, error)) throw error;
    return { type: 'attached', key, path, problem: messageOf(error) };
  }
}
