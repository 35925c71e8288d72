import { createHash } from 'node:crypto';
import { canonicalJson } from '../../base/json.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../../base/value.ts';
import type { TargetGroup, TargetUse } from '../../model/environment.ts';
import { sourceOfPath, TARGET_GROUPS } from '../../model/environment.ts';
import type { Effect } from '../../model/playbook.ts';
import { StepError } from '../../model/kind.ts';
import { CODES } from '../../model/codes.ts';
import type { StepKind } from '../../model/kind.ts';
import { effectOf } from './effect.ts';
import type { Job, Resolved } from './job.ts';
import { namesOf, recordOf } from './job.ts';

/** Evaluates a step's expressions, validates its `with` and asks its kind what it would do. `anew`: whatever an earlier try was done with. */
export async function resolveStep(job: Job, anew?: 'anew'): Promise<Resolved> {
  const { run, step } = job;
  const kind = await run.kind(step.uses);
  const args = anew === undefined ? argsOf(job, kind) : evaluated(job);
  const problems = await run.options.steps.validate(step.uses, args);
  if (problems.length > 0) {
    throw new StepError(`with: ${problems.join('; ')}`, { code: CODES.invalidWith });
  }
  const { contradiction, ...claimed } = effectOf(kind, args, step.effect);
  if (contradiction !== undefined) throw contradicted(contradiction);
  const targets = [...kind.targets(args), ...touched(job, claimed.effect)];
  const describe = kind.describe(args, step.secretOutput.length > 0);
  return { kind, args, ...claimed, describe, digest: digestOf(step.uses, args), targets };
}

/** What is said to be a reading and cannot be one is not done. */
const contradicted = (why: string): StepError =>
  new StepError(why, { code: CODES.interlock, hint: 'Say what it does: effect: write, or destructive.' });

/**
 * What an earlier try journaled is what the next one uses, so that `now` and whatever else
 * moves stays what it was, unless an answer was corrected since: then only what may be under
 * way still has its old arguments. Where the journal's text was redacted its digest no longer fits,
 * and the expressions are evaluated again.
 */
function argsOf(job: Job, kind: StepKind): ValueMap {
  if (job.override !== undefined) return job.override;
  const { started, attempt, outdated } = recordOf(job) ?? {};
  const isUnderWay = attempt === 'running' && kind.people === undefined;
  if (started !== undefined && (outdated !== true || isUnderWay)) {
    const args = decodeValue(started.args);
    if (isValueMap(args) && digestOf(job.step.uses, args) === started.digest) return args;
  }
  return evaluated(job);
}

const evaluated = (job: Job): ValueMap =>
  asMap(job.run.options.evaluator.render(job.step.with, namesOf(job)));

export const asMap = (value: Value): ValueMap => (isValueMap(value) ? value : {});

function digestOf(uses: string, args: ValueMap): string {
  return createHash('sha256')
    .update(canonicalJson([uses, encodeValue(args)]))
    .digest('hex');
}

/** What the author says that a script touches: entries of the environment, or things that this run created. */
function touched(job: Job, effect: Effect): TargetUse[] {
  const { touches } = job.step;
  if (touches === undefined) return [];
  const value = job.run.options.evaluator.render(touches, namesOf(job));
  return (isValueList(value) ? value : [value]).filter(isValueMap).map((target) => {
    const path = target['$target'];
    return typeof path === 'string'
      ? { group: groupOf(path), path, target, effect }
      : { group: 'databases', target, effect };
  });
}

function groupOf(path: string): TargetGroup {
  const source = sourceOfPath(path);
  const inside = source === undefined ? path : path.slice(`sources.${source}.`.length);
  return TARGET_GROUPS.find((group) => inside.startsWith(`${group}.`)) ?? 'hosts';
}
