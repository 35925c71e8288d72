import type { Instant } from '../../base/instant.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Condition, Step } from '../../model/playbook.ts';
import { StepError } from '../../model/kind.ts';
import { withLimits } from '../life/deadline.ts';
import { probe } from './execute.ts';
import { CODES } from '../../model/codes.ts';
import type { Job } from '../life/job.ts';
import { names } from '../life/names.ts';
import { asMap } from '../life/arguments.ts';
import { shownText } from '../life/text.ts';

/** Whose condition it is: a step's, or that of an undo. */
export type Asker = Pick<Job, 'run' | 'frame' | 'key'> & {
  readonly step: Pick<Step, 'timeoutMs'> & Partial<Pick<Step, 'secretOutput'>>;
};

/** Evaluates a condition over the live world. Throws when it cannot be evaluated. */
export async function holds(job: Asker, condition: Condition, output?: ValueMap): Promise<boolean> {
  const { run } = job;
  const reading = await readingOf(job, condition, output);
  return run.options.evaluator.test(condition.that, liveNames(job, reading));
}

/** Throws a StepError with code `require` when the condition does not hold; whatever keeps it from being evaluated is thrown too. */
export async function demand(job: Asker, condition: Condition, output?: ValueMap): Promise<void> {
  const { run } = job;
  const reading = await readingOf(job, condition, output);
  const scope = liveNames(job, reading);
  if (run.options.evaluator.test(condition.that, scope)) return;
  const { else: otherwise, that } = condition;
  const why =
    otherwise === undefined
      ? `required, but not so: ${that.source}`
      : shownText(run.options.evaluator.render(otherwise, scope));
  throw new StepError(why, { code: CODES.require });
}

/** Takes one reading of a condition's probe. */
export async function readProbe(
  job: Asker,
  condition: Pick<Condition, 'probe'> & { readonly probe: NonNullable<Condition['probe']> },
  signal: AbortSignal,
): Promise<ValueMap> {
  const { run } = job;
  const { uses } = condition.probe;
  const kind = await run.kind(uses);
  const args = asMap(run.options.evaluator.render(condition.probe.with, liveNames(job, undefined)));
  const problems = await run.options.steps.validate(uses, args);
  if (problems.length > 0) throw new StepError(problems.join('; '), { code: CODES.invalidWith });
  return probe(job, kind, args, signal);
}

async function readingOf(
  job: Asker,
  condition: Condition,
  output: ValueMap | undefined,
): Promise<ValueMap | undefined> {
  const { run } = job;
  const { probe: aim } = condition;
  if (aim === undefined) return output;
  run.log.write();
  const limits = { timeoutMs: job.step.timeoutMs, interruptible: true, changed: 'nothing' } as const;
  return withLimits(run, limits, (signal) => readProbe(job, { probe: aim }, signal));
}

/** A condition is about the world as it is now: its `now` is not the step's. */
function liveNames({ run, frame }: Asker, output: ValueMap | undefined): ReturnType<typeof names> {
  const now: Instant = run.options.clock.now();
  return names(run, frame, now, output === undefined ? {} : { output });
}
