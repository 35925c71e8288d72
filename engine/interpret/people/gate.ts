import type { ValueMap } from '../../base/value.ts';
import type { ApprovalsAsked } from '../../model/approval.ts';
import type { AnswerName, GateQuestion } from '../../model/ports.ts';
import { holdersOf } from '../../model/people.ts';
import { StepError } from '../../model/kind.ts';
import { allowed, decided, outputsAsked } from './ask.ts';
import type { Decision } from './ask.ts';
import { CODES } from '../../model/codes.ts';
import { askApproved, isUsedUp, mayBeSaid } from './approvals.ts';
import { askOrCorrect } from './correct.ts';
import { changesNothing, isDangerous } from '../life/effect.ts';
import { nameOf } from '../safety/interlock.ts';
import { environmentOf } from '../life/names.ts';
import type { Job, Resolved, Settled } from '../life/job.ts';
import { namesOf, neededOf, recordOf } from '../life/job.ts';
import { needs, settleByHand } from '../attempt/outcome.ts';
import { roleIn } from '../attempt/roles.ts';
import type { Safety } from '../safety/targets.ts';
import { shownAs, shownText } from '../life/text.ts';

const CHOICES: readonly AnswerName[] = ['go', 'decline', 'byHand', 'note', 'pause', 'abort'];

/**
 * Asks before the effect where somebody has to see it first: `confirm`, whatever the interlock
 * found, a typed name that the kind or the environment's policy demands, and outside the sandbox anything
 * destructive or unknown, or that changes something with values which the operator gave for
 * another try. Undefined means go; else how the step ended here.
 */
export async function passGate(job: Job, resolved: Resolved, safety: Safety): Promise<Settled | undefined> {
  const { step, run } = job;
  const typed = typedName(job, resolved, safety);
  const inEarnest = run.environment.kind !== 'sandbox';
  const guarded =
    inEarnest &&
    ((isDangerous(resolved.effect) && job.frame.covered !== true) || hasOtherValues(job, resolved));
  if (step.confirm === undefined && typed === undefined && !guarded && safety.reasons.length === 0) {
    return undefined;
  }
  const earlier = approvalOf(job, resolved);
  if (earlier !== undefined) return settle(job, earlier);
  const ask = (approvals: ApprovalsAsked | undefined, closed?: AbortSignal): Promise<Decision | undefined> =>
    askOrCorrect(run, question(job, resolved, safety, { typed, approvals }), {
      digest: resolved.digest,
      ...(closed !== undefined && { closed }),
    });
  const decision = await askApproved(job, resolved, ask);
  return decision === undefined ? undefined : settle(job, decision);
}

/** What changes something is about to be done with values that nobody has approved. */
const hasOtherValues = (job: Job, { effect }: Resolved): boolean =>
  job.override !== undefined && !changesNothing(effect);

/**
 * An approval from the journal. For what is dangerous, and where the operator gave other values
 * or corrected an answer since, it counts only for the very same resolved step.
 */
function approvalOf(job: Job, resolved: Resolved): Decision | undefined {
  const { approval, outdated } = recordOf(job) ?? {};
  if (approval === undefined) return undefined;
  // Whatever but go has led to a question of its own, which has been answered: it is to be tried again.
  if (approval.answer !== 'go' && recordOf(job)?.failure !== undefined) return undefined;
  if (isUsedUp(job, approval)) return undefined;
  const isBound =
    job.step.confirm?.approvals !== undefined ||
    isDangerous(resolved.effect) ||
    hasOtherValues(job, resolved) ||
    outdated === true;
  return approval.digest === resolved.digest || !isBound ? decided(approval) : undefined;
}

function settle(job: Job, decision: Decision): Settled | undefined {
  const { reason, by } = decision;
  const why = { by, ...(reason !== undefined && { reason }) };
  switch (decision.answer) {
    case 'go':
      return undefined;
    case 'byHand':
      return settleByHand(job, decision);
    case 'abort':
      return { outcome: 'cancelled', conclusion: 'failed', ...why };
    default:
      return declined(job, why);
  }
}

/** Without what later steps need the run would only come to grief there, unless its author has said what then. */
function declined(job: Job, why: Pick<Settled, 'by' | 'reason'>): Settled {
  const rule = job.step.confirm?.onDecline?.do;
  const needed = neededOf(job);
  if (rule === undefined && needed !== undefined) {
    throw new StepError(`declined, and ${needs(needed)}`, {
      code: CODES.outputs,
      hint: 'Say what it is («Done by hand»), try again, or skip it knowing that.',
    });
  }
  return { outcome: 'declined', conclusion: rule === 'abort' ? 'failed' : 'tolerated', ...why };
}

function question(
  job: Job,
  resolved: Resolved,
  safety: Safety,
  {
    typed,
    approvals,
  }: { readonly typed: string | undefined; readonly approvals: ApprovalsAsked | undefined },
): GateQuestion {
  const { step, run, key } = job;
  const byHand = resolved.kind.byHand?.(resolved.args, environmentOf(run, job.frame), run.options.folder);
  return {
    type: 'gate',
    key,
    id: step.id,
    title: step.title,
    choices: allowed(step, CHOICES).filter((choice) => mayBeSaid(run, choice, approvals)),
    ...(step.why !== undefined && { why: step.why }),
    message: [confirmMessage(job), ...safety.reasons].filter((line) => line !== '').join('\n'),
    describe: resolved.describe,
    effect: resolved.effect,
    ...(resolved.believed && { believed: true }),
    ...(job.override !== undefined && { values: shown(job.override) }),
    ...(typed !== undefined && { typed }),
    targets: safety.identities.map(({ use, identity }) => ({
      name: nameOf(use),
      verdict: identity.verdict,
      facts: identity.facts,
    })),
    ...(byHand !== undefined && { byHand }),
    ...outputsAsked(job, resolved.kind),
    voidsUndo: step.noReturn,
    ...(step.by !== undefined && { by: roleIn(run.environment, step.by) }),
    ...roleAsked(job),
    ...(approvals !== undefined && { approvals }),
  };
}

/** Who may say go: those whom the environment names for the step's role. */
function roleAsked({ step, run }: Job): Pick<GateQuestion, 'role'> {
  const people = step.by === undefined ? undefined : holdersOf(run.environment.data, step.by);
  return step.by === undefined || people === undefined ? {} : { role: { name: step.by, people } };
}

const shown = (values: ValueMap): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, shownAs(value)]));

function confirmMessage(job: Job): string {
  const { confirm } = job.step;
  return confirm === undefined
    ? ''
    : shownText(job.run.options.evaluator.render(confirm.message, namesOf(job)));
}

/** What the operator must type: what the step says, else the kind, else the first target's name where the policy wants one. */
function typedName(job: Job, resolved: Resolved, safety: Safety): string | undefined {
  const { step, run } = job;
  const { evaluator } = run.options;
  if (step.confirm?.type !== undefined) return shownText(evaluator.render(step.confirm.type, namesOf(job)));
  const always = resolved.kind.typedName?.(resolved.args);
  if (always !== undefined) return always;
  const { typedNames } = run.environment.policy;
  const demanded =
    (typedNames !== 'never' && isDangerous(resolved.effect)) ||
    (typedNames === 'write' && resolved.effect === 'write');
  if (!demanded) return undefined;
  const use = safety.identities.find((target) => target.use.effect !== 'read')?.use;
  const name = use?.target['name'];
  if (typeof name === 'string') return name;
  return use === undefined ? run.environment.name : nameOf(use);
}
