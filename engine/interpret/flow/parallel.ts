import type { Branch, Parallel } from '../../model/playbook.ts';
import type { RunContext } from '../life/context.ts';
import { setResult } from '../life/frame.ts';
import type { Frame } from '../life/frame.ts';
import { sideBySide } from './side-by-side.ts';
import type { Lane } from './side-by-side.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { isWanted } from './when.ts';

/** All branches at once, joined at the end. Their steps’ keys begin with the branch; their names are those around. */
export async function runParallel(run: RunContext, frame: Frame, parallel: Parallel): Promise<void> {
  const { log } = run;
  const key = `${frame.prefix}${parallel.id}`;
  const left = log.state.left.get(key);
  if (left?.outcome === 'skipped') return;
  if (!log.state.entered.has(key)) {
    beforeEntering(run, frame);
    if (!(await isWanted(run, frame, parallel, key))) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await log.append({ type: 'scope.entered', key, kind: 'parallel', title: parallel.title });
  }
  const lanes = parallel.branches.map((branch) => laneOf(frame, branch, `${key}/${branch.name}`));
  await sideBySide(run, lanes, { concurrency: lanes.length, rule: parallel.onFailure });
  setResult(frame, parallel.id, { outcome: 'succeeded', output: {} });
  if (left === undefined) await log.append({ type: 'scope.left', key, outcome: 'done' });
}

function laneOf(frame: Frame, branch: Branch, key: string): Lane {
  const { name, title, when, steps } = branch;
  return {
    key,
    walk: async (run) => {
      const { log } = run;
      const left = log.state.left.get(key);
      if (left?.outcome === 'skipped') return;
      if (!log.state.entered.has(key)) {
        beforeEntering(run, frame);
        const asked = { id: name, title, ...(when !== undefined && { when }) };
        if (!(await isWanted(run, frame, asked, key))) {
          return log.append({ type: 'scope.left', key, outcome: 'skipped' });
        }
        await log.append({ type: 'scope.entered', key, kind: 'lane', title });
      }
      await run.walk(steps, { ...frame, prefix: `${key}/`, phase: `${key}/` });
      if (left === undefined) await log.append({ type: 'scope.left', key, outcome: 'done' });
    },
  };
}
