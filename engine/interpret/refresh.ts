import type { Json } from '../base/json.ts';
import { decodeValue, isValueMap } from '../base/value.ts';
import type { StepFinished } from '../model/event.ts';
import { withLimits } from './deadline.ts';
import { execute } from './execute.ts';
import type { Job } from './job.ts';
import { changesNothing } from './job.ts';
import { askForSecret } from './late.ts';
import { resolveStep } from './resolve.ts';

/**
 * A finished step whose output held a secret that only the dead process knew: the step is
 * run again when the secret is needed, provided that running it changes nothing.
 */
export function refresh(job: Job, { output }: StepFinished): void {
  const { run, step, key } = job;
  if (output === undefined) return;
  if (asksAgain(job, output)) return;
  if (step.secretOutput.length === 0) return;
  run.secrets.produceBy(key, async () => {
    const resolved = await resolveStep(job);
    if (!changesNothing(resolved.effect) && !step.idempotent) return;
    const limits = { timeoutMs: step.timeoutMs, interruptible: true, changed: 'nothing' } as const;
    await withLimits(run, limits, (signal) => execute(job, resolved, signal));
  });
}

/** Secrets that a person gave are asked for again, each when it is needed. */
function asksAgain(job: Job, output: Json): boolean {
  const { run, key } = job;
  const answers = decodeValue(output);
  if (job.step.secretOutput.length > 0 || !isValueMap(answers)) return false;
  const names = Object.keys(answers).filter((name) => run.secrets.isBornHere(answers[name]) === 'lost');
  if (names.length === 0) return false;
  run.secrets.produceBy(key, async () => {
    const { args } = await resolveStep(job);
    for (const name of names) await askForSecret(job, args, name);
  });
  return true;
}
