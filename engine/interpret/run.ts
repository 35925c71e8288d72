import { backgroundsOf } from './attempt/backgrounds.ts';
import { remindersOf } from './attempt/reminders.ts';
import type { Value } from '../base/value.ts';
import type { RunOutcome } from '../model/event.ts';
import type { RunPaused } from '../model/life-event.ts';
import { HandedOver, OperatorNeeded } from '../model/ports.ts';
import { RunContext } from './life/context.ts';
import type { RunOptions } from './life/context.ts';
import { Aborting, Paused } from './life/control.ts';
import { endRun } from './debts/ending.ts';
import { playbookFrame } from './life/frame.ts';
import type { Frame } from './life/frame.ts';
import { elsewhereOf } from './people/elsewhere.ts';
import { answerInputs } from './people/inputs.ts';
import { markStarted, openMarks } from './preflight/opening-marks.ts';
import { preflight } from './preflight/preflight.ts';
import { recallBroken } from './rehearsal/break.ts';
import { Injects } from './rehearsal/injects.ts';
import { walk } from './flow/walk.ts';

export type { RunOptions } from './life/context.ts';

/** A run that stopped at a safe point; `resume` goes on from there. */
export interface RunPausedResult {
  readonly paused: true;
  readonly reason: string;
}

/**
 * Carries a run to its end, or to where it can be resumed: with history, what the journal
 * knows is taken from it and the rest is done. Everything it does to the world goes through
 * the ports. Rejects with `OperatorNeeded` when nobody can answer (the run is journaled as
 * paused), and with the journal's own error when that refuses.
 */
export async function interpret(
  options: RunOptions,
): Promise<{ readonly outcome: RunOutcome } | RunPausedResult> {
  const run = new RunContext(options, walk);
  const { finished } = run.log.state;
  if (finished !== undefined) return { outcome: finished.outcome };
  return pausable(run, async () => {
    const inputs: Record<string, Value> = {};
    const frame = playbookFrame(options.playbook, '', inputs, false);
    const injects = new Injects(run);
    try {
      const broken = await recallBroken(run, options.rehearsal?.faults ?? []);
      const aborting = await recover(run, frame, inputs, injects);
      await injects.endAll();
      return { outcome: await endRun(run, [frame, ...broken, ...injects.broken], aborting) };
    } finally {
      await injects.endAll();
      await remindersOf(run).endAll();
      await backgroundsOf(run).endAll();
    }
  });
}

/** Everything up to the end or the abort, which is returned. */
async function recover(
  run: RunContext,
  frame: Frame,
  inputs: Record<string, Value>,
  injects: Injects,
): Promise<Aborting | undefined> {
  const { options } = run;
  try {
    await openMarks(run);
    await injects.begin();
    await answerInputs(run, frame, inputs, {
      scope: '',
      by: options.operator.name,
      isOver: false,
      gives: () => false,
      evaluate: () => undefined,
    });
    await markStarted(run);
    run.beforeWrites(() => preflight(run, frame));
    await run.walk(options.playbook.steps, frame);
    return undefined;
  } catch (error) {
    if (error instanceof Aborting) return error;
    throw error;
  }
}

/** Does something that may stop at a safe point, and journals that it did. */
export async function pausable<T>(run: RunContext, work: () => Promise<T>): Promise<T | RunPausedResult> {
  const by = run.options.operator.name;
  const elsewhere = elsewhereOf(run);
  elsewhere.begin();
  try {
    return await work();
  } catch (error) {
    if (error instanceof Paused) {
      const why: unknown = run.options.pause.reason;
      await run.log.append({
        ...{ type: 'run.paused', by, reason: error.message },
        ...(why instanceof HandedOver && handedOver(why)),
      });
      return { paused: true, reason: error.message };
    }
    if (error instanceof OperatorNeeded) {
      const asks = error.question.title;
      await run.log.append({
        ...{ type: 'run.paused', by, reason: 'an operator is needed', waitsFor: 'person', asks },
      });
    }
    throw error;
  } finally {
    await elsewhere.end();
  }
}

const handedOver = ({ message, waitsFor, asks }: HandedOver): Omit<RunPaused, 'type' | 'by'> => ({
  ...{ reason: message, waitsFor },
  ...(asks !== undefined && { asks }),
});
