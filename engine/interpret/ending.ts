import { decodeValue } from '../base/value.ts';
import type { RunOutcome } from '../model/event.ts';
import { doAlways } from './always.ts';
import type { RunContext } from './context.ts';
import type { Aborting, GivenUp } from './control.ts';
import { ENGINE } from './control.ts';
import { isOpen } from './debts.ts';
import type { Frame } from './frame.ts';
import { newestFirst, pay, payNow, restoreTargets } from './undo.ts';

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

/**
 * Closes an item that the operator has given up, as an abort closes a run: its undos newest first, its debts, and
 * `always` of what was called for it. What is left open, or could not be paid, is due at the end of the run.
 */
export async function endItem(run: RunContext, key: string, { leftOpen }: GivenUp): Promise<void> {
  run.safePoint();
  // What an earlier life has paid gave back the targets that it had replaced.
  for (const [path, target] of run.log.state.rebinds.get(key) ?? []) run.rebind(path, decodeValue(target));
  for (const due of ['abort', 'exit'] as const) {
    for (const owed of newestFirst(run)) {
      const isItems = owed.key.startsWith(`${key}/`) && owed.step.undo?.at === due;
      if (isItems && isOpen(run, owed)) await payNow(run, owed, key);
    }
  }
  for (const called of leftOpen) await doAlways(run, called);
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
