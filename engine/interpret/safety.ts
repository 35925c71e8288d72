import type { Environment, Identity, TargetUse } from '../model/environment.ts';
import { StepError } from '../model/stepkind.ts';
import type { RunContext } from './context.ts';
import { CODES } from '../model/codes.ts';
import { interlock } from './interlock.ts';
import type { Job, Resolved } from './job.ts';
import { changesNothing } from './job.ts';
import { environmentOf } from './names.ts';

/** What was found out about the targets of a step that may run. */
export interface Safety {
  readonly identities: readonly { readonly use: TargetUse; readonly identity: Identity }[];
  /** Why a person has to see it first, if so. */
  readonly reasons: readonly string[];
}

/** Asks each target who it is and lets the interlock decide. Throws a StepError with code `interlock` when it refuses. */
export async function checkTargets(job: Job, resolved: Resolved): Promise<Safety> {
  if (changesNothing(resolved.effect)) return { identities: [], reasons: [] };
  const { run } = job;
  const environment = environmentOf(run, job.frame);
  // Asking takes a while: what went before is shown meanwhile.
  run.log.write();
  const targets = await Promise.all(
    resolved.targets.map(async (use) => ({
      use,
      identity: await identify(run, environment, use),
      created: createdByRun(run, use),
    })),
  );
  const { name, kind, policy } = environment;
  const verdict = interlock({
    mode: run.options.mode,
    environment: { name, kind, allowScripts: policy.allowScripts },
    effect: resolved.effect,
    scripted: resolved.scripted,
    targets,
  });
  if (verdict.verdict === 'refuse') {
    throw new StepError(verdict.reason, { code: CODES.interlock, hint: verdict.hint });
  }
  return { identities: targets, reasons: verdict.verdict === 'gate' ? verdict.reasons : [] };
}

export function identify(run: RunContext, environment: Environment, use: TargetUse): Promise<Identity> {
  return run.options.steps.identify(use, environment, run.secrets, run.options.stop);
}

/** Entries of the environment have a path; whatever they claim, no step of this run created them. */
function createdByRun(run: RunContext, { path, target }: TargetUse): boolean {
  const by = target['created'];
  if (path !== undefined || '$target' in target || typeof by !== 'string') return false;
  return run.log.state.steps.get(by)?.started !== undefined;
}
