import { Instant } from '../base/instant.ts';
import type { ValueMap } from '../base/value.ts';
import type { RunOutcome } from '../model/event.ts';
import type { Rehearsal } from '../model/playbook.ts';
import { hasWorked } from '../model/worked.ts';
import { StepError } from '../model/kind.ts';
import { endRun } from './debts/ending.ts';
import { RunContext } from './life/context.ts';
import type { RunOptions } from './life/context.ts';
import { Aborting } from './life/control.ts';
import type { Frame } from './life/frame.ts';
import { bringAbout } from './rehearsal/break.ts';
import { awaitRed, expectSound, soundAlarm } from './rehearsal/detect.ts';
import { isControl } from './life/failures.ts';
import { stopWhenAborting } from './life/safe-point.ts';
import { proveChecks } from './rehearsal/prove.ts';
import { pausable } from './run.ts';
import type { RunPausedResult } from './run.ts';
import { messageOf } from './life/text.ts';
import { walk } from './flow/walk.ts';

export interface RehearseOptions extends RunOptions {
  readonly rehearsal: Rehearsal;
}

/**
 * Breaks what is sound before the recovery, so that each `detect` probe is green: the faults (mark
 * `occurred`), the first red `detect` probe, then the checks of the result, which must be red now. Only
 * then does anybody hear of it (mark `detected`): the time of trying the checks is no recovery's. What the journal holds of it is not done again; a world in which nothing was
 * broken yet and no step has begun must be new. Ends the run as failed when a fault cannot be brought
 * about, or nothing notices it: what steps have broken is put right by their `always` then.
 */
export async function rehearse(
  options: RehearseOptions,
): Promise<{ readonly fault: ValueMap } | { readonly outcome: RunOutcome } | RunPausedResult> {
  const run = new RunContext(options, walk);
  const { finished } = run.log.state;
  if (finished !== undefined) return { outcome: finished.outcome };
  return pausable(run, async () => {
    const broken: Frame[] = [];
    try {
      const fault = await breakWorld(run, options, broken);
      if (options.rehearsal.faults.length > 0) {
        await awaitRed(run);
        await proveChecks(run, options.rehearsal, fault);
        await soundAlarm(run);
      }
      return { fault };
    } catch (error) {
      if (isControl(run, error) && !(error instanceof Aborting)) throw error;
      return { outcome: await giveUp(run, error, broken) };
    }
  });
}

async function breakWorld(
  run: RunContext,
  { rehearsal, world }: RehearseOptions,
  broken: Frame[],
): Promise<ValueMap> {
  // What the steps have done to it since, or left of it, is no reason not to go on.
  if (!hasWorked(run.options.history)) {
    run.safePoint();
    await world?.baseline();
    run.safePoint();
    if (rehearsal.faults.length > 0) await expectSound(run);
  }
  // `none`: nothing breaks, the rehearsal proves a backup.
  if (rehearsal.faults.length === 0) return {};
  const fault = await bringAbout(run, rehearsal, { world, broken });
  const { marks } = run.log.state;
  const [frame] = broken;
  // It was given up before the recovery was declared, and died on the way to its end.
  if (frame !== undefined && !marks.has('declared')) stopWhenAborting(run, frame);
  if (!marks.has('occurred')) await markOccurred(run, fault);
  return fault;
}

async function giveUp(run: RunContext, error: unknown, broken: readonly Frame[]): Promise<RunOutcome> {
  const reason = messageOf(error);
  if (broken.length > 0) {
    return endRun(run, broken, error instanceof Aborting ? error : new Aborting(reason, undefined));
  }
  await run.log.append({ type: 'run.finished', outcome: 'failed', reason });
  return 'failed';
}

async function markOccurred(run: RunContext, { at }: ValueMap): Promise<void> {
  if (!(at instanceof Instant)) throw new StepError('the fault does not say when it struck', { code: 'bug' });
  await run.log.append({ type: 'mark.set', mark: 'occurred', time: at.epochMicros, source: 'fault' });
}
