import { backgroundsOf } from './backgrounds.ts';
import type { ValueMap } from '../../base/value.ts';
import { encodeValue } from '../../base/value.ts';
import { CODES } from '../../model/codes.ts';
import type { Failure } from '../../model/event.ts';
import type { Retry } from '../../model/playbook.ts';
import { demand, holds, readProbe } from './conditions.ts';
import { withLimits } from '../life/deadline.ts';
import { changesNothing } from '../life/effect.ts';
import { EFFECT_DONE, execute } from './execute.ts';
import { isControl, toFailure } from '../life/failures.ts';
import { errorValue } from '../life/frame.ts';
import type { Job, Resolved, Settled, Try } from '../life/job.ts';
import { namesOf } from '../life/job.ts';
import { judgeFailure, judgeOutput } from './outcome.ts';
import { timeLeft } from './park.ts';
import { pollUntil } from './poll.ts';
import { Waiting } from '../life/waiting.ts';

/** Where a step goes on that an earlier life of the run began. */
export interface Entry {
  /** Attempts that have failed already. */
  readonly attempts: number;
  /** The effect has happened, and this came of it. */
  readonly output?: ValueMap;
}

/** Makes attempts until one succeeds or `retry` gives no more. */
export function makeAttempts(job: Job, resolved: Resolved, entry: Entry): Promise<Try> {
  let { output } = entry;
  return repeatAttempts(job, resolved, entry.attempts, async (progress) => {
    const known = output;
    output = undefined;
    if (known !== undefined) progress.effect = 'done';
    return makeAttempt(job, resolved, known, progress);
  });
}

/** Attempts of whatever sort: what one that failed means is the same for machines, people and debts. */
export async function repeatAttempts(
  job: Job,
  resolved: Resolved,
  earlier: number,
  once: (progress: Progress) => Promise<Settled>,
): Promise<Try> {
  const { run, key } = job;
  for (let attempt = earlier + 1; ; attempt++) {
    const progress: Progress = { effect: 'none' };
    try {
      return { settled: await once(progress) };
    } catch (thrown) {
      if (isControl(run, thrown)) throw thrown;
      const error = toFailure(thrown, changedBy(progress, resolved));
      if (error.code === CODES.stoppedWaiting) {
        await run.log.append({ type: 'step.attemptFailed', key, attempt, error });
        return { failed: error };
      }
      const answer = safely(() => judgeFailure(job, error));
      if (answer !== undefined) return { settled: answer };
      const nextInMs = safely(() => pauseBefore(job, resolved, attempt, error));
      if (nextInMs === undefined) {
        await run.log.append({ type: 'step.attemptFailed', key, attempt, error });
        return { failed: error };
      }
      await pauseBetween(job, attempt, error, nextInMs);
    }
  }

  /** An expression over the failure that cannot be evaluated does not excuse it. */
  function safely<T>(judge: () => T): T | undefined {
    try {
      return judge();
    } catch (error) {
      if (isControl(run, error)) throw error;
      return undefined;
    }
  }
}

export interface Progress {
  effect: 'none' | 'begun' | 'done';
}

function changedBy({ effect }: Progress, resolved: Resolved): Failure['changed'] {
  if (changesNothing(resolved.effect) || effect === 'none') return 'nothing';
  return effect === 'done' ? 'something' : 'maybe';
}

function makeAttempt(
  job: Job,
  resolved: Resolved,
  known: ValueMap | undefined,
  progress: Progress,
): Promise<Settled> {
  const { run, step } = job;
  const readOnly = changesNothing(resolved.effect);
  const waiting = new Waiting(run.options.operator, step.title);
  job.waiting = waiting;
  const limits = {
    timeoutMs: timeLeft(job),
    interruptible: readOnly,
    changed: readOnly ? 'nothing' : 'maybe',
    waiting,
  } as const;
  const attempt = withLimits(run, limits, async (signal) => {
    const { until } = step;
    if (until !== undefined && until.probe === undefined && readOnly && known === undefined) {
      const reached = await pollUntil(job, until, (poll) => execute(job, resolved, poll), signal);
      return judgeReading(job, reached.output, reached.at);
    }
    const output = known ?? (await perform(job, resolved, signal, progress));
    const { probe } = until ?? {};
    if (until === undefined || probe === undefined) {
      return readOnly
        ? judgeReading(job, output, run.options.clock.now())
        : judgeOutput(job, output, run.options.clock.now());
    }
    const reached = await pollUntil(job, until, (poll) => readProbe(job, { probe }, poll), signal);
    return judgeOutput(job, output, reached.at);
  });
  return attempt.finally(() => {
    waiting.end();
  });
}

async function perform(
  job: Job,
  resolved: Resolved,
  signal: AbortSignal,
  progress: Progress,
): Promise<ValueMap> {
  progress.effect = 'begun';
  const output = await (job.step.background === undefined
    ? execute(job, resolved, signal)
    : backgroundsOf(job.run).begin(job, resolved, signal));
  progress.effect = 'done';
  // Waiting for the effect to show may outlast this process; that it was brought about must not be in doubt then.
  if (job.step.until !== undefined && !changesNothing(resolved.effect)) {
    const data = { [EFFECT_DONE]: encodeValue(output) };
    await job.run.log.append({ type: 'step.checkpoint', key: job.key, data });
  }
  return output;
}

/** For a step that only reads, a guard and requirements without a probe are over its own output. */
async function judgeReading(
  job: Job,
  output: ValueMap,
  at: Parameters<typeof judgeOutput>[2],
): Promise<Settled> {
  const { guard, require } = job.step;
  for (const condition of require) {
    if (condition.probe === undefined) await demand(job, condition, output);
  }
  const settled = judgeOutput(job, output, at);
  if (guard === undefined || guard.probe !== undefined || settled.outcome !== 'succeeded') return settled;
  return (await holds(job, guard, output)) ? { ...settled, outcome: 'alreadyDone' } : settled;
}

/** Milliseconds until the next attempt; undefined when there is none. */
function pauseBefore(job: Job, resolved: Resolved, attempt: number, failure: Failure): number | undefined {
  const { retry } = job.step;
  if (retry === undefined || attempt >= retry.attempts) return undefined;
  if (!mayRepeat(job, resolved, failure)) return undefined;
  if (!wanted(job, retry, failure)) return undefined;
  return retry.delayMs * retry.backoff ** (attempt - 1);
}

/** What may have happened is not done again unasked, unless doing it twice is as good as once. */
function mayRepeat({ step }: Job, resolved: Resolved, failure: Failure): boolean {
  // A process is ended before it is started again.
  const repeatable = step.idempotent || step.background !== undefined;
  return failure.changed === 'nothing' || repeatable || changesNothing(resolved.effect);
}

function wanted(job: Job, retry: Retry, failure: Failure): boolean {
  if (retry.when === undefined) return true;
  return job.run.options.evaluator.test(retry.when, namesOf(job, { error: errorValue(failure) }));
}

async function pauseBetween(job: Job, attempt: number, error: Failure, nextInMs: number): Promise<void> {
  const { run, key } = job;
  const { clock, pause, stop } = run.options;
  await run.log.append(
    { type: 'step.attemptFailed', key, attempt, error, nextInMs },
    { type: 'step.activity', key, class: 'retry' },
  );
  await clock.sleep(nextInMs, AbortSignal.any([pause, stop]));
  run.safePoint();
  await run.log.append({ type: 'step.activity', key, class: 'machine' });
}
