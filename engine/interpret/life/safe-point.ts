import type { RunContext } from './context.ts';
import { Aborting, ENGINE } from './control.ts';
import type { Frame } from './frame.ts';

/** Once a run is being aborted, only what closes it is begun. */
export function stopWhenAborting(run: RunContext, frame: Frame): void {
  const { abort } = run.log.state;
  if (abort !== undefined && !frame.closing) {
    throw new Aborting(abort.reason, abort.by === ENGINE ? undefined : abort.by);
  }
}

/** Before anything that is not journaled is entered: not when the run is being aborted, nor past a safe point. */
export function beforeEntering(run: RunContext, frame: Frame): void {
  stopWhenAborting(run, frame);
  run.safePoint();
}
