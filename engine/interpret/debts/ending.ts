import { backgroundsOf } from '../attempt/backgrounds.ts';
import { remindersOf } from '../attempt/reminders.ts';
import { decodeValue } from '../../base/value.ts';
import type { EventBody, RunOutcome } from '../../model/event.ts';
import type { LossCounted } from '../../model/evidence-event.ts';
import { doAlways } from './always.ts';
import type { Owed, RunContext } from '../life/context.ts';
import type { Aborting, GivenUp } from '../life/control.ts';
import { ENGINE } from '../life/control.ts';
import { isOpen } from './debts.ts';
import { isPausing } from '../life/failures.ts';
import type { Frame } from '../life/frame.ts';
import { messageOf } from '../life/text.ts';
import { newestFirst, pay, payNow, restoreTargets } from './undo.ts';

/**
 * The end of a run. After an abort: undos newest first, then debts newest first, then
 * `always`; else debts, then `always`. Whatever fails here is noted, and the run ends all the same.
 * `frames`: of the playbook, and of what broke something before it, whose `always` are done in this order.
 * What is lost is counted in what was recovered, which may go with the debts; after an abort, in what was put back.
 */
export async function endRun(
  run: RunContext,
  frames: readonly Frame[],
  aborting: Aborting | undefined,
): Promise<RunOutcome> {
  const { log, options } = run;
  if (aborting !== undefined && log.state.abort === undefined) {
    const by = aborting.by ?? ENGINE;
    await log.append({ type: 'abort.begun', reason: aborting.message, by, undo: true });
  }
  let sound = true;
  if (aborting !== undefined) sound = (await payAll(run, 'abort')) && sound;
  else await countLoss(run);
  sound = (await payAll(run, 'exit')) && sound;
  for (const called of [...run.leftOpen, ...frames]) {
    sound = (await alwaysOf(run, called)) && sound;
  }
  // Before the last event: whoever dies after it is not resumed.
  await remindersOf(run).endAll();
  await backgroundsOf(run).endAll();
  const outcome = await outcomeOf(run, aborting, sound);
  const reason = log.state.abort?.reason;
  await countLoss(run);
  if (outcome === 'succeeded' || outcome === 'failedVerification') {
    await log.later({
      type: 'mark.set',
      mark: 'closed',
      time: options.clock.now().epochMicros,
      source: 'run',
    });
  }
  await log.append({
    type: 'run.finished',
    outcome,
    ...(reason !== undefined && { reason }),
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

/** A part of the end. What keeps it from being done is noted and given back; it keeps nothing else from being done. */
async function anyway(run: RunContext, what: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isPausing(run, error)) throw error;
    await run.log.append({ type: 'note.added', by: ENGINE, text: `${what}: ${messageOf(error)}` });
    return false;
  }
}

async function alwaysOf(run: RunContext, frame: Frame): Promise<boolean> {
  let failure: Aborting | undefined;
  const done = await anyway(run, 'What is always done could not be finished', async () => {
    failure = await doAlways(run, frame);
  });
  return done && failure === undefined;
}

/** Once. It may fail, as when the database to be counted in is still broken: then that is journaled instead. */
async function countLoss(run: RunContext): Promise<void> {
  const count = run.options.countLoss;
  if (count === undefined || run.log.state.isLossCounted) return;
  await run.log.append(await lossOf(run, count));
}

async function lossOf(run: RunContext, count: () => Promise<LossCounted>): Promise<EventBody> {
  try {
    return await count();
  } catch (error) {
    if (isPausing(run, error)) throw error;
    return { type: 'loss.uncounted', reason: messageOf(error) };
  }
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
    // Already paid at the end by an earlier process of this run.
    if (debt?.how === 'paid' && debt.early !== true) restoreTargets(run, owed);
    else if (isOpen(run, owed)) await payAnyway(run, owed);
  }
  return ![...run.log.state.debts.values()].some((debt) => debt.due === due && debt.how === 'failed');
}

async function payAnyway(run: RunContext, owed: Owed): Promise<void> {
  const { key, step } = owed;
  const done = await anyway(run, `What "${step.title}" owes could not be paid`, () => pay(run, owed));
  if (!done && isOpen(run, owed)) await run.log.append({ type: 'debt.settled', key, how: 'failed' });
}
