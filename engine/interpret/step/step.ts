import { backgroundsOf } from '../attempt/backgrounds.ts';
import { isJsonObject } from '../../base/json.ts';
import type { ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue } from '../../base/value.ts';
import type { Condition, Step } from '../../model/playbook.ts';
import { attachFiles } from './attach.ts';
import { makeAttempts } from '../attempt/attempt.ts';
import { remindersOf } from '../attempt/reminders.ts';
import { repeatAttempts } from '../attempt/retry.ts';
import type { Entry } from '../attempt/attempt.ts';
import { demand, holds } from '../attempt/conditions.ts';
import { conclude, restore } from './conclude.ts';
import type { RunContext } from '../life/context.ts';
import { Cancelled, Corrected } from '../life/control.ts';
import { decideFailure } from './decide.ts';
import { resolveDoubt } from './in-doubt.ts';
import { StepError } from '../../model/kind.ts';
import { changesNothing } from '../life/effect.ts';
import { stopWhenAborting } from '../life/safe-point.ts';
import { whileExpected } from '../attempt/overrun.ts';
import { EFFECT_DONE } from '../attempt/execute.ts';
import { CODES } from '../../model/codes.ts';
import { isControl, toFailure } from '../life/failures.ts';
import { keepSecrets } from './keep-secrets.ts';
import type { Frame } from '../life/frame.ts';
import { passGate } from '../people/gate.ts';
import { rememberAnswers } from '../people/late-inputs.ts';
import type { Job, Resolved, Settled, Try } from '../life/job.ts';
import { namesOf, newJob, readsItself, recordOf } from '../life/job.ts';
import { evidenceWithoutOutput } from '../attempt/outcome.ts';
import { whileParked } from '../attempt/park.ts';
import { doByPeople } from './by-people.ts';
import { recallSecrets, recallable } from './recall.ts';
import { asMap, resolveStep } from '../life/arguments.ts';
import { checkTargets } from '../safety/targets.ts';
import type { StepState } from '../life/state.ts';
import { payEarly } from '../debts/undo.ts';

/**
 * Does one step, or takes what the journal says of it: finished, its outcome counts and no
 * work is done; started and not finished, it is in doubt; untouched, it is done now.
 */
export async function runStep(run: RunContext, frame: Frame, step: Step): Promise<void> {
  const job = newJob(run, frame, step);
  const recorded = recordOf(job);
  if (recorded?.finished !== undefined) {
    recallable(job, recorded.finished);
    await rememberAnswers(job);
    remindersOf(run).begin(job, recorded.finished);
    await backgroundsOf(run).resume(job, recorded.finished);
    return restore(job, recorded.finished);
  }
  stopWhenAborting(run, frame);
  if (isHalfDone(run, recorded)) return doStep({ ...job, run: run.goingOn });
  try {
    run.safePoint();
    await doStep(job);
  } catch (error) {
    if (!(error instanceof Cancelled) || recordOf(job)?.finished !== undefined) throw error;
    await breakOff(job, error);
  }
}

/** A crash broke off a write in a branch that was cancelled meanwhile: what writes is ended, cancelled or not. */
function isHalfDone(run: RunContext, recorded: StepState | undefined): boolean {
  const { started, attempt } = recorded ?? {};
  if (started === undefined || attempt !== 'running' || changesNothing(started.effect)) return false;
  return run.interruption() instanceof Cancelled;
}

async function doStep(job: Job): Promise<void> {
  const recorded = recordOf(job);
  let failure = recorded?.attempt === 'failed' ? recorded.failure : undefined;
  // The pause before an attempt that was already decided on.
  if (failure?.nextInMs !== undefined) failure = undefined;
  let attempt: Try = failure === undefined ? await tryStep(job) : { failed: failure.error };
  for (;;) {
    const settled = 'settled' in attempt ? attempt.settled : await decideFailure(job, attempt.failed);
    if (settled === 'retry') {
      attempt = await tryStep(job);
      continue;
    }
    const failed = await keepSecrets(job, settled);
    if (failed === undefined) {
      await attachFiles(job, settled);
      return conclude(job, settled, 'settled' in attempt && isCheap(job));
    }
    attempt = { failed };
  }
}

/** A step that was begun and is no longer wanted; one that was not leaves no trace. */
async function breakOff(job: Job, { message }: Cancelled): Promise<void> {
  await job.run.log.append();
  const recorded = recordOf(job);
  if (recorded === undefined) throw new Cancelled(message);
  const { started, attempt, failure, checkpoint } = recorded;
  const idle = started === undefined || changesNothing(started.effect);
  const done = isJsonObject(checkpoint) && EFFECT_DONE in checkpoint;
  const running = idle ? 'nothing' : done ? 'something' : 'maybe';
  const changed = attempt === 'failed' ? (failure?.error.changed ?? running) : running;
  const error = toFailure(
    new StepError(message, { code: CODES.cancelled, changed, details: job.said ?? {} }),
    changed,
  );
  await conclude(job, { outcome: 'cancelled', conclusion: 'tolerated', error }, false);
}

/** Neither the journal nor an operator was waited for: the step cost no fsync so far. */
function isCheap(job: Job): boolean {
  return recordOf(job) === undefined;
}

async function tryStep(job: Job): Promise<Try> {
  try {
    return await beginStep(job);
  } catch (thrown) {
    if (thrown instanceof Corrected) return tryStep(afresh(job));
    if (isControl(job.run, thrown)) throw thrown;
    const failed = toFailure(thrown, 'nothing');
    await job.run.log.append({ type: 'step.attemptFailed', key: job.key, attempt: 0, error: failed });
    return { failed };
  }
}

/** What its operator gave before an answer was corrected was meant for the old answer. */
function afresh(job: Job): Job {
  delete job.override;
  return job;
}

async function beginStep(job: Job): Promise<Try> {
  const { step, run } = job;
  const record = recordOf(job);
  const { when } = step;
  // `when` is not asked again: the journal tells of the step only because it held.
  if (record === undefined && when !== undefined && !run.options.evaluator.test(when, namesOf(job))) {
    return { settled: { outcome: 'skipped', conclusion: 'ok' } };
  }
  await remindersOf(run).settle(run);
  if (record?.attempt !== 'running' && !job.frame.closing) await backgroundsOf(run).demand(job);
  let resolved = await resolveStep(job);
  const attempts = record?.failure?.nextInMs === undefined ? 0 : record.failure.attempt;
  // Entered as begun, so that it is in doubt like any other, in later lives too.
  if (isLostSight(job, resolved)) await start(job, resolved);
  if (recordOf(job)?.attempt === 'running' && resolved.kind.people === undefined) {
    const resolution = await resolveDoubt(job, resolved);
    if (resolution.go === 'settled') return { settled: resolution.settled };
    if (resolution.go === 'happened') {
      return carryOut(job, resolved, { attempts, output: resolution.output });
    }
    if (resolution.go === 'reattach') {
      await checkTargets(job, resolved);
      await run.log.append({ type: 'step.activity', key: job.key, class: 'machine', reason: 're-attached' });
      return carryOut(job, resolved, { attempts });
    }
  }
  // It did not happen, and is now to be done with what was corrected meanwhile.
  if (record?.outdated === true) resolved = await resolveStep(job, 'anew');
  // People are in no doubt about what they did: the question is still open, or its answer is journaled.
  if (record?.attempt === 'running' && resolved.kind.people !== undefined) {
    return carryOut(job, resolved, { attempts });
  }
  const done = waitedFor(record);
  if (done !== undefined) {
    await startAgain(job);
    return carryOut(job, resolved, { attempts, output: done });
  }
  await recallSecrets(job, resolved);
  const ended = await prepare(job, resolved);
  if (ended !== undefined) return { settled: ended };
  await (attempts === 0 ? start(job, resolved) : startAgain(job));
  return carryOut(job, resolved, { attempts });
}

/** A write that may have been begun, or done, in a part of the journal that was lost. */
function isLostSight(job: Job, { effect, kind }: Resolved): boolean {
  const { lossAt } = job.run.log.state;
  const { attempt, knownAt = 0 } = recordOf(job) ?? {};
  if (lossAt === undefined || knownAt > lossAt || attempt === 'running') return false;
  return !changesNothing(effect) && kind.people === undefined;
}

/** What came of an effect that was brought about and waited for, until its operator stopped: trying again is to wait again. */
function waitedFor(record: StepState | undefined): ValueMap | undefined {
  const { attempt, failure, checkpoint, outdated } = record ?? {};
  const stopped = attempt === 'failed' && failure?.error.code === CODES.stoppedWaiting;
  if (!stopped || outdated === true || !isJsonObject(checkpoint) || !(EFFECT_DONE in checkpoint))
    return undefined;
  return asMap(decodeValue(checkpoint[EFFECT_DONE] ?? null));
}

function carryOut(job: Job, resolved: Resolved, entry: Entry): Promise<Try> {
  const { kind, args } = resolved;
  const work = (): Promise<Try> => {
    const debt = kind.debt?.(args);
    if (debt !== undefined) return repeatAttempts(job, resolved, entry.attempts, () => payEarly(job, debt));
    return kind.people === undefined
      ? makeAttempts(job, resolved, entry)
      : doByPeople(job, resolved, entry.attempts);
  };
  return whileExpected(job, () => (job.step.park ? whileParked(job, work) : work()));
}

/** Everything before the effect: already done, the interlock, the gate, the requirements. */
async function prepare(job: Job, resolved: Resolved): Promise<Settled | undefined> {
  const { step, run } = job;
  const { guard } = step;
  // What this run may itself have brought about is not found done: it is owed back, like any effect.
  const untouched = recordOf(job)?.started === undefined;
  const before = ({ probe }: Condition): boolean => probe !== undefined || !readsItself(resolved);
  if (untouched && guard !== undefined && before(guard) && (await holds(job, guard))) {
    return { outcome: 'alreadyDone', conclusion: 'ok', evidence: evidenceWithoutOutput(job) };
  }
  const safety = await checkTargets(job, resolved);
  if (!changesNothing(resolved.effect) && !job.frame.closing) await run.readyToWrite();
  const ended = await passGate(job, resolved, safety);
  if (ended !== undefined) return ended;
  for (const condition of step.require) if (before(condition)) await demand(job, condition);
  run.safePoint();
  return undefined;
}

/** Journals that the effect is about to happen: durable before it does, where there is one. */
async function start(job: Job, resolved: Resolved): Promise<void> {
  const { step, run, key } = job;
  const { expectMs, timeoutMs, park } = step;
  const started = {
    type: 'step.started',
    key,
    title: step.title,
    kind: step.uses,
    effect: resolved.effect,
    describe: resolved.describe,
    args: encodeValue(resolved.args),
    digest: resolved.digest,
    ...(expectMs !== undefined && { expectMs }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(park && { park }),
  } as const;
  await (changesNothing(resolved.effect) ? run.log.later(started) : run.log.append(started));
}

/** The next of several attempts: their count goes on. */
function startAgain(job: Job): Promise<void> {
  return job.run.log.append({ type: 'step.activity', key: job.key, class: 'machine' });
}
