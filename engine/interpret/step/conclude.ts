import { decodeValue, encodeValue, isValueMap, valueMap } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { EventBody, StepFinished } from '../../model/event.ts';
import { Aborting, Cancelled, GivenUp, LeaveBranch, NextRound } from '../life/control.ts';
import type { RunContext } from '../life/context.ts';
import { consequences } from '../debts/debts.ts';
import { setResult } from '../life/frame.ts';
import type { Job, Settled } from '../life/job.ts';
import { remindersOf } from '../attempt/reminders.ts';
import { isVerification } from '../attempt/verification.ts';

/** Journals how a step ended and goes on accordingly: throws when the run or the branch ends with it. */
export async function conclude(job: Job, settled: Settled, cheap: boolean): Promise<void> {
  const finished = finishedEvent(job, settled);
  const before = evidenceEvents(job, settled);
  const after = consequences(job, finished);
  const red = finished.verification === true ? takenBack(job.run, job.key) : [];
  const all = [...before, finished, ...after, ...red];
  // The end of a step that changed nothing need not be on disk at once: it may share an fsync with the next event.
  await (cheap && all.length === 1 ? job.run.log.later(finished) : job.run.log.append(...all));
  for (const [path, target] of Object.entries(settled.evidence?.rebinds ?? {})) job.run.rebind(path, target);
  publish(job, finished);
  remindersOf(job.run).begin(job, finished);
  goOn(job, finished);
}

/** A step that finished in an earlier life: its outcome counts, and no work is done. */
export async function restore(job: Job, finished: StepFinished): Promise<void> {
  const missing = consequences(job, finished);
  if (missing.length > 0) await job.run.log.append(...missing);
  for (const [path, target] of job.run.log.state.rebinds.get(job.key) ?? []) {
    job.run.rebind(path, decodeValue(target));
  }
  publish(job, finished);
  goOn(job, finished);
}

function publish({ run, frame, step, key }: Job, { output, outcome, error }: StepFinished): void {
  setResult(frame, step.id, {
    outcome,
    ...(output !== undefined && { output: corrected(run, key, decodeValue(output)) }),
    ...(error !== undefined && { error }),
  });
}

/** The output of a step that asked, with its answers as they were corrected after it was over. */
function corrected({ log }: RunContext, key: string, output: Value): Value {
  if (!isValueMap(output)) return output;
  return valueMap(
    Object.entries(output).map(([name, value]) => {
      const answer = `${key}/${name}`;
      const now =
        log.state.answeredBy.get(answer)?.corrects === true ? log.state.inputs.get(answer) : undefined;
      return [name, now === undefined ? value : decodeValue(now)] as const;
    }),
  );
}

/** Decided by the journaled end alone, so that a resumed run goes the same way. */
function goOn({ step, frame }: Job, finished: StepFinished): void {
  const { outcome, conclusion, error, reason, by } = finished;
  if (conclusion === 'failed') {
    const verification = isVerification(frame, step);
    throw new Aborting(reason ?? error?.message ?? `${step.title}: ${outcome}`, by, {
      failure: error,
      verification,
    });
  }
  if (finished.givesUp === true && error !== undefined && by !== undefined) throw new GivenUp(error, by);
  // It was stopped from outside, and what comes after it is stopped too.
  if (outcome === 'cancelled') throw new Cancelled(error?.message ?? reason ?? 'cancelled');
  const { onFailure, confirm, next } = step;
  if (next !== undefined && !IDLE.has(outcome) && !FAILED.has(outcome)) throw new NextRound(next);
  const failed = FAILED.has(outcome) && by === undefined;
  if (failed && onFailure?.do === 'branch') throw new LeaveBranch(onFailure.branch);
  if (failed && onFailure?.do === 'next') throw new NextRound(onFailure.repeat);
  const declined = outcome === 'declined' ? confirm?.onDecline : undefined;
  if (declined?.do === 'branch') throw new LeaveBranch(declined.branch);
  if (declined?.do === 'next') throw new NextRound(declined.repeat);
}

const IDLE: ReadonlySet<string> = new Set(['skipped', 'declined']);
const FAILED: ReadonlySet<string> = new Set(['failed', 'timedOut']);

function finishedEvent(job: Job, settled: Settled): StepFinished {
  const { step, key } = job;
  const { outcome, conclusion, output, error, reason, by, givesUp } = settled;
  return {
    type: 'step.finished',
    key,
    title: step.title,
    outcome,
    conclusion,
    ...(isFailedVerification(job, settled) && { verification: true }),
    ...(output !== undefined && { output: encodeValue(output) }),
    ...(error !== undefined && { error }),
    ...(reason !== undefined && { reason }),
    ...(by !== undefined && { by }),
    ...(givesUp === true && { givesUp }),
  };
}

/** What fails an item of a loop that tolerates failures is judged where the loop tolerates it no more. */
function isFailedVerification({ frame, step }: Job, { outcome, conclusion, by }: Settled): boolean {
  if (conclusion === 'ok' || outcome === 'cancelled' || !isVerification(frame, step)) return false;
  return !(conclusion === 'failed' && by === undefined && frame.item?.tolerant === true);
}

/** Before the end of the step: what a crash leaves of it is written anew when the step is run or found done. */
function evidenceEvents(job: Job, { evidence }: Settled): EventBody[] {
  if (evidence === undefined) return [];
  const { key, step } = job;
  const { markTime, records, rebinds } = evidence;
  return [
    ...Object.entries(records).map(([name, value]): EventBody => ({
      type: 'recorded',
      key,
      name,
      value: encodeValue(value),
    })),
    ...Object.entries(rebinds).map(([path, target]): EventBody => ({
      type: 'target.rebound',
      key,
      path,
      target: encodeValue(target),
    })),
    ...step.mark.map((mark): EventBody => ({
      type: 'mark.set',
      mark,
      time: markTime.epochMicros,
      key,
      source: 'step',
    })),
  ];
}

/** A service whose check is red and left red does not serve. */
export function takenBack(run: RunContext, key: string): EventBody[] {
  const serving = run.log.state.marks.get('serving');
  if (serving === undefined || serving === null) return [];
  return [{ type: 'mark.set', mark: 'serving', time: null, key, source: 'run' }];
}
