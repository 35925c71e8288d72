import { CODES } from '../../model/codes.ts';
import type { Failure } from '../../model/failure.ts';
import type { Retry } from '../../model/playbook.ts';
import { changesNothing } from '../life/effect.ts';
import { isControl, toFailure } from '../life/failures.ts';
import { errorValue } from '../life/frame.ts';
import type { Job, Resolved, Settled, Try } from '../life/job.ts';
import { namesOf } from '../life/job.ts';
import { judgeFailure } from './outcome.ts';

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

/** Milliseconds until the next attempt; undefined when there is none. */
function pauseBefore(job: Job, resolved: Resolved, attempt: number, failure: Failure): number | undefined {
  const { retry } = job.step;
  if (retry === undefined || attempt >= retry.attempts) return undefined;
  if (!mayRepeat(job, resolved, failure)) return undefined;
  if (!wanted(job, retry, failure)) return undefined;
  return retry.delayMs * retry.backoff ** (attempt - 1);
}

/** A step that may have had its effect is not repeated unasked, unless it is idempotent. */
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
