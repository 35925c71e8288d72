import type { Instant } from '../../base/instant.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { valueMap } from '../../base/value.ts';
import type { Failure } from '../../model/failure.ts';
import type { TemplateEntry } from '../../model/template.ts';
import { StepError } from '../../model/kind.ts';
import { CODES } from '../../model/codes.ts';
import { NO_OUTPUT, errorValue } from '../life/frame.ts';
import type { Evidence, Job, Settled } from '../life/job.ts';
import { namesOf, neededOf } from '../life/job.ts';
import { shownText } from '../life/text.ts';

/**
 * What an output means: a named outcome, or success once every assertion holds. Throws a
 * StepError with code `assert` for the first one that does not.
 */
export function judgeOutput(job: Job, output: ValueMap, markTime: Instant, byHand = false): Settled {
  const { step, run } = job;
  const { evaluator } = run.options;
  const scope = namesOf(job, { output });
  if (step.expectFailure !== undefined && !byHand) {
    throw new StepError('was expected to fail, and did not', { code: CODES.expectedFailure });
  }
  const named = step.outcomes.find(
    ({ that }) => !evaluator.asksFor(that, 'error') && evaluator.test(that, scope),
  );
  if (named !== undefined) return { outcome: named.name, conclusion: 'ok', output };
  for (const { that, else: otherwise } of byHand ? [] : step.assert) {
    if (evaluator.test(that, scope)) continue;
    const why =
      otherwise === undefined ? `not so: ${that.source}` : shownText(evaluator.render(otherwise, scope));
    throw new StepError(why, { code: CODES.assert });
  }
  return { outcome: 'succeeded', conclusion: 'ok', output, evidence: evidenceOf(job, output, markTime) };
}

/** A failure that is an answer: expected, or named by an outcome that asks for `error`; the others are over the output. */
export function judgeFailure(job: Job, failure: Failure): Settled | undefined {
  const { step, run } = job;
  const { evaluator, clock } = run.options;
  const scope = namesOf(job, { error: errorValue(failure) });
  if (step.expectFailure !== undefined) {
    // `expectedFailure` says that the step did not fail: no condition may take that for the failure it expects.
    if (failure.code === CODES.expectedFailure) return undefined;
    if (!evaluator.test(step.expectFailure, scope)) return undefined;
    const evidence = evidenceOf(job, NO_OUTPUT, clock.now());
    return { outcome: 'succeeded', conclusion: 'ok', error: failure, evidence };
  }
  const named = step.outcomes.find(
    ({ that }) => evaluator.asksFor(that, 'error') && evaluator.test(that, scope),
  );
  return named === undefined ? undefined : { outcome: named.name, conclusion: 'ok', error: failure };
}

/** Evaluates what the step records and which targets it replaces. */
export function evidenceOf(job: Job, output: ValueMap, markTime: Instant): Evidence {
  return {
    markTime,
    records: rendered(job, job.step.record, output),
    rebinds: rendered(job, job.step.rebind, output),
  };
}

function rendered(job: Job, entries: readonly TemplateEntry[], output: ValueMap): ValueMap {
  const scope = namesOf(job, { output });
  const { evaluator } = job.run.options;
  return valueMap(entries.map(({ key, value }): [string, Value] => [key, evaluator.render(value, scope)]));
}

/**
 * A step that finds its work already done: its marks are set now, and targets are replaced as if it had run.
 * What it records from its output is left out, since there is none.
 */
export function evidenceWithoutOutput(job: Job): Evidence {
  const { record, rebind } = job.step;
  const independent = record.filter((entry) => {
    try {
      rendered(job, [entry], NO_OUTPUT);
      return true;
    } catch {
      return false;
    }
  });
  return {
    markTime: job.run.options.clock.now(),
    records: rendered(job, independent, NO_OUTPUT),
    rebinds: rendered(job, rebind, NO_OUTPUT),
  };
}

function demandOutputs(job: Job, values: ValueMap | undefined): void {
  const needed = neededOf(job);
  const missing = [...(needed ?? [])].filter((name) => values?.[name] === undefined);
  if (needed === undefined || (values !== undefined && missing.length === 0)) return;
  throw new StepError(`${needs(needed)}, and it was done by hand without saying it`, { code: CODES.outputs });
}

/** What later steps need, in words. */
export function needs(needed: ReadonlySet<string>): string {
  const names = [...needed].map((name) => `output.${name}`).join(', ');
  return `later steps need its ${names === '' ? 'output' : names}`;
}

/** Done by a person, who says what came of it. Later steps and targets need these outputs, so they must suffice. */
export function settleByHand(
  job: Job,
  decision: { readonly values?: ValueMap; readonly reason?: string; readonly by: string },
): Settled {
  const { values, reason, by } = decision;
  const { clock } = job.run.options;
  demandOutputs(job, values);
  return {
    outcome: 'byHand',
    conclusion: 'ok',
    ...(values !== undefined && { output: values }),
    ...(reason !== undefined && { reason }),
    by,
    evidence: evidenceOf(job, values ?? NO_OUTPUT, clock.now()),
  };
}
