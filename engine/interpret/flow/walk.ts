import type { Node, Phase } from '../../model/playbook.ts';
import { unreachable } from '../../base/unreachable.ts';
import { runCall } from './call.ts';
import { runChoose } from './choose.ts';
import type { RunContext } from '../life/context.ts';
import { runForEach } from './foreach.ts';
import type { Frame } from '../life/frame.ts';
import { runParallel } from './parallel.ts';
import { runRepeat } from './repeat.ts';
import { beforeEntering } from '../life/safe-point.ts';
import { runStep } from '../step/step.ts';
import { verifies } from '../attempt/verification.ts';
import { isWanted } from './when.ts';

/** Walks steps in order. What the journal already knows of is taken from it, so that a resumed run is the same walk. */
export async function walk(run: RunContext, nodes: readonly Node[], frame: Frame): Promise<void> {
  for (const node of nodes) {
    switch (node.type) {
      case 'phase':
        await runPhase(run, node, frame);
        break;
      case 'step':
        await runStep(run, frame, node);
        break;
      case 'call':
        await runCall(run, frame, node);
        break;
      case 'choose':
        await runChoose(run, frame, node);
        break;
      case 'parallel':
        await runParallel(run, frame, node);
        break;
      case 'forEach':
        await runForEach(run, frame, node);
        break;
      case 'repeat':
        await runRepeat(run, frame, node);
        break;
      default:
        unreachable(node);
    }
    if (node.type !== 'phase') await run.stepEnded(`${frame.prefix}${node.id}`);
  }
}

/** A phase only groups: its steps keep the keys and see the names of the steps around it. */
async function runPhase(run: RunContext, phase: Phase, frame: Frame): Promise<void> {
  const { log } = run;
  const key = `${frame.phase}${phase.id}`;
  const left = log.state.left.get(key);
  if (left?.outcome === 'skipped') return;
  const { title } = phase;
  if (!log.state.entered.has(key)) {
    beforeEntering(run, frame);
    if (!(await isWanted(run, frame, phase, key))) {
      return log.append({ type: 'scope.left', key, outcome: 'skipped' });
    }
    await log.later({ type: 'scope.entered', key, kind: 'phase', title });
  }
  const inside = { ...frame, phase: `${key}/`, verifies: frame.verifies || verifies(phase) };
  await run.walk(phase.steps, inside);
  if (left === undefined) await log.later({ type: 'scope.left', key, outcome: 'done' });
}
