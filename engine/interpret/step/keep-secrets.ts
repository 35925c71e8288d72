import type { Failure } from '../../model/failure.ts';
import { StepError } from '../../model/kind.ts';
import { CODES } from '../../model/codes.ts';
import { isControl, toFailure } from '../life/failures.ts';
import type { Job, Settled } from '../life/job.ts';
import { changesNothing } from '../life/effect.ts';
import { recordOf } from '../life/job.ts';
import { messageOf } from '../life/text.ts';

/**
 * Seals the secrets that the step says are to be kept, before its end is written down: whoever goes on
 * after a crash relies on them. Gives the failure when one cannot be sealed.
 */
export async function keepSecrets(job: Job, { output }: Settled): Promise<Failure | undefined> {
  const { run, step, key } = job;
  if (output === undefined) return undefined;
  try {
    for (const { path, keep } of step.secretOutput) {
      const secret = keep ? run.secrets.textOf(key, path) : undefined;
      if (secret !== undefined) await seal(job, path, secret);
    }
    return undefined;
  } catch (thrown) {
    if (isControl(run, thrown)) throw thrown;
    const effect = recordOf(job)?.started?.effect ?? 'none';
    const error = toFailure(thrown, changesNothing(effect) ? 'nothing' : 'something');
    await run.log.append({ type: 'step.attemptFailed', key, attempt: 0, error });
    return error;
  }
}

async function seal({ run, key }: Job, path: string, secret: string): Promise<void> {
  const { vault } = run.options;
  try {
    if (vault === undefined) throw new Error('nothing keeps secrets here');
    await vault.keep(key, path, secret);
  } catch (cause) {
    if (isControl(run, cause)) throw cause;
    const hint = cause instanceof StepError ? cause.hint : undefined;
    throw new StepError(`its secret "${path}" could not be kept: ${messageOf(cause)}`, {
      code: CODES.keep,
      cause,
      ...(hint !== undefined && { hint }),
    });
  }
}
