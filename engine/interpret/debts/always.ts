import type { RunContext } from '../life/context.ts';
import { Aborting } from '../life/control.ts';
import { isControl } from '../life/failures.ts';
import type { Frame } from '../life/frame.ts';
import { messageOf } from '../life/text.ts';

/**
 * Does `always` of the frame's playbook, whose names it sees. A step that fails for good does
 * not keep the others from being done; the first such failure is given back.
 */
export async function doAlways(run: RunContext, frame: Frame): Promise<Aborting | undefined> {
  const { log } = run;
  const { always } = frame.playbook;
  if (always.length === 0) return undefined;
  const key = `${frame.home}always`;
  const prefix = `${key}/`;
  const inside = { ...frame, prefix, phase: prefix, closing: true };
  if (!log.state.entered.has(key)) {
    await log.later({ type: 'scope.entered', key, kind: 'always', title: 'Always' });
  }
  let first: Aborting | undefined;
  for (const step of always) {
    try {
      await run.walk([step], inside);
    } catch (error) {
      if (isControl(run, error) && !(error instanceof Aborting)) throw error;
      first ??= error instanceof Aborting ? error : new Aborting(messageOf(error), undefined);
    }
  }
  if (!log.state.left.has(key)) {
    await log.later({ type: 'scope.left', key, outcome: first === undefined ? 'done' : 'failed' });
  }
  return first;
}
