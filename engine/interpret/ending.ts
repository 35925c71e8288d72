import type { RunOutcome } from '../model/event.ts';
import { doAlways } from './always.ts';
import type { Owed, RunContext } from './context.ts';
import type { Aborting } from './control.ts';
import { ENGINE } from './control.ts';
import { isOpen } from './debts.ts';
import type { Frame } from './frame.ts';
import { pay, restoreTargets } from './undo.ts';

/**
 * The end of a run. After an abort: undos newest first, then debts newest first, then
 * `always`; else debts, then `always`. A failure here never keeps the rest from being done.
 */
export async function endRun(
  run: RunContext,
  frame: Frame,
  aborting: Aborting | undefined,
): Promise<RunOutcome> {
  const { log, options } = run;
  if (aborting !== undefined && log.state.abort === undefined) {
    const by = aborting.by ?? ENGINE;
    await log.append({ type: 'abort.begun', reason: aborting.message, by, undo: true });
  }
  let sound = true;
  if (aborting !== undefined) sound = (await payAll(run, 'abort')) && sound;
  sound = (await payAll(run, 'exit')) && sound;
  for (const called of run.leftOpen) {
    sound = (await doAlways(run, called)) === undefined && sound;
  }
  sound = (await doAlways(run, frame)) === undefined && sound;
  // Before the last event: whoever dies after it is not resumed.
  await run.backgrounds.endAll();
  const outcome = await outcomeOf(run, aborting, sound);
  const reason = log.state.abort?.reason;
  const closing = (await options.closing?.()) ?? [];
  if (outcome === 'succeeded' || outcome === 'failedVerification') {
    await log.later({
      type: 'mark.set',
      mark: 'closed',
      time: options.clock.now().epochMicros,
      source: 'run',
    });
  }
  await log.append(...closing, {
    type: 'run.finished',
    outcome,
    ...(reason === undefined ? {} : { reason }),
  });
  return outcome;
}

async function outcomeOf(
  run: RunContext,
  aborting: Aborting | undefined,
  sound: boolean,
): Promise<RunOutcome> {
  // What was held back says something about the outcome too.
  await run.log.append();
  if (aborting !== undefined) return aborting.by === undefined ? 'failed' : 'aborted';
  if (!sound) return 'failed';
  return run.log.state.verificationFailed ? 'failedVerification' : 'succeeded';
}

/** Newest first. One that could not be paid is journaled as such. */
async function payAll(run: RunContext, due: 'abort' | 'exit'): Promise<boolean> {
  for (const owed of newestFirst(run)) {
    if (owed.step.undo?.at !== due) continue;
    const debt = run.log.state.debts.get(owed.key);
    // Paid at the end too, in an earlier life.
    if (debt?.how === 'paid' && debt.early !== true) restoreTargets(run, owed);
    else if (isOpen(run, owed)) await pay(run, owed);
  }
  return ![...run.log.state.debts.values()].some((debt) => debt.due === due && debt.how === 'failed');
}

/** As the journal has them: steps side by side are found again in another order when a run is resumed. */
function newestFirst(run: RunContext): readonly Owed[] {
  const order = new Map([...run.log.state.debts.keys()].map((key, index) => [key, index] as const));
  const place = ({ key }: Owed): number => order.get(key) ?? -1;
  return [...run.owed].sort((a, b) => place(b) - place(a));
}
