import type { StepFinished } from '../model/event.ts';
import { withLimits } from './deadline.ts';
import { execute } from './execute.ts';
import type { Job } from './job.ts';
import { changesNothing } from './job.ts';
import { resolveStep } from './resolve.ts';

/**
 * A finished step whose output held a secret that only the dead process knew: the step is
 * run again when the secret is needed, provided that running it changes nothing.
 */
export function refresh(job: Job, { output }: StepFinished): void {
  const { run, step, key } = job;
  if (step.secretOutput.length === 0 || output === undefined) return;
  run.secrets.produceBy(key, async () => {
    const resolved = await resolveStep(job);
    if (!changesNothing(resolved.effect) && !step.idempotent) return;
    const limits = { timeoutMs: step.timeoutMs, interruptible: true, changed: 'nothing' } as const;
    await withLimits(run, limits, (signal) => execute(job, resolved, signal));
  });
}
