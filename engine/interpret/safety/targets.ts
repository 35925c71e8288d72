import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json.ts';
import type { ValueMap } from '../../base/value.ts';
import { encodeValue } from '../../base/value.ts';
import type { Environment, Identity, Target, TargetUse } from '../../model/environment.ts';
import type { StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import type { RunContext } from '../life/context.ts';
import { CODES } from '../../model/codes.ts';
import { changesNothing, effectOf } from '../life/effect.ts';
import type { StepEffect } from '../life/effect.ts';
import { interlock } from './interlock.ts';
import type { InterlockInput, InterlockVerdict } from './interlock.ts';
import type { Job, Resolved } from '../life/job.ts';
import { environmentOf } from '../life/names.ts';

/** What was found out about the targets of a step that may run. */
export interface Safety {
  readonly identities: readonly { readonly use: TargetUse; readonly identity: Identity }[];
  /** Why a person has to see it first, if so. */
  readonly reasons: readonly string[];
}

/** Asks each target who it is and lets the interlock decide. Throws a StepError with code `interlock` when it refuses. */
export async function checkTargets(job: Job, resolved: Resolved): Promise<Safety> {
  const { identities, reasons } = await identifyAll(job, resolved);
  const place = resolved.kind.writesElsewhere?.(resolved.args, job.run.options.folder);
  // One gate before all items of a loop has named them.
  if (place === undefined || job.frame.covered === true) return { identities, reasons };
  return {
    identities,
    reasons: [...reasons, `It writes ${place} on this machine, outside of the run's folder.`],
  };
}

async function identifyAll(job: Job, resolved: Resolved): Promise<Safety> {
  if (changesNothing(resolved.effect) && !resolved.scripted) return { identities: [], reasons: [] };
  const { run } = job;
  const environment = environmentOf(run, job.frame);
  // Asking takes a while: what went before is shown meanwhile.
  run.log.write();
  const targets = await Promise.all(
    resolved.targets.map(async (use) => ({
      use,
      identity: await identify(run, environment, use),
      created: use.path === undefined && createdByRun(run, use.target),
    })),
  );
  const verdict = judge(run, environment, resolved, targets);
  if (verdict.verdict === 'refuse') {
    throw new StepError(verdict.reason, { code: CODES.interlock, hint: verdict.hint });
  }
  return { identities: targets, reasons: verdict.verdict === 'gate' ? verdict.reasons : [] };
}

function judge(
  run: RunContext,
  { name, kind, policy }: Environment,
  { effect, scripted, believed }: StepEffect,
  targets: InterlockInput['targets'],
): InterlockVerdict {
  return interlock({
    mode: run.modeOfSteps,
    environment: { name, kind, allowScripts: policy.allowScripts },
    effect,
    scripted,
    believed,
    targets,
  });
}

/** Throws a StepError for what cannot be asked as a condition or a probe: that may only read. */
export function checkReading(at: Pick<Job, 'run' | 'frame'>, kind: StepKind, args: ValueMap): void {
  const why = whyNoReading(at, kind, args);
  if (why !== undefined) {
    throw new StepError(`${kind.name} cannot be asked: ${why}`, { code: CODES.noReading });
  }
}

/** In words; undefined for what may be asked. */
export function whyNoReading(
  { run, frame }: Pick<Job, 'run' | 'frame'>,
  kind: StepKind,
  args: ValueMap,
): string | undefined {
  const reading = effectOf(kind, args, 'read');
  if (reading.contradiction !== undefined) return reading.contradiction;
  if (!changesNothing(reading.effect)) return 'a condition may only read, and it would not';
  const verdict = judge(run, environmentOf(run, frame), reading, []);
  return verdict.verdict === 'refuse' ? verdict.reason : undefined;
}

export function identify(run: RunContext, environment: Environment, use: TargetUse): Promise<Identity> {
  return run.options.steps.identify(use, environment, run.secrets, run.options.stop);
}

/**
 * Whether a step of this run created it: its handle stands, as it is, in what the journal says that the step gave. One
 * that was written by hand names such a step at most; and entries of the environment, which have a path, are none.
 */
export function createdByRun(run: RunContext, target: Target): boolean {
  const by = target['created'];
  if ('$target' in target || typeof by !== 'string') return false;
  const output = run.log.state.steps.get(by)?.finished?.output;
  return output !== undefined && holds(output, canonicalJson(encodeValue(target)));
}

function holds(json: Json, wanted: string): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return canonicalJson(json) === wanted || Object.values(json).some((member) => holds(member, wanted));
}
