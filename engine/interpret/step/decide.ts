import type { Failure } from '../../model/failure.ts';
import type { OnFailure } from '../../model/failure-rules.ts';
import type { AnswerName, FailureQuestion } from '../../model/ports.ts';
import { allowed, decided, outputsAsked } from '../people/ask.ts';
import type { Decision } from '../people/ask.ts';
import { Corrected } from '../life/control.ts';
import { askOrCorrect } from '../people/correct.ts';
import { nextLevel } from '../attempt/escalation.ts';
import { CODES } from '../../model/codes.ts';
import { TIMEOUTS, isControl, toFailure } from '../life/failures.ts';
import type { Job, Settled } from '../life/job.ts';
import { namesOf, recordOf } from '../life/job.ts';
import { settleByHand } from '../attempt/outcome.ts';
import { asMap } from '../life/arguments.ts';
import { undoStep } from '../debts/undo.ts';

const CHOICES: readonly AnswerName[] = [
  'retry',
  'retryWith',
  'accept',
  'byHand',
  'skip',
  'giveUp',
  'undo',
  'escalate',
  'note',
  'pause',
  'abort',
];

/** Refusals of the interlock: such a step is neither tried again nor counted as done. */
const REFUSED: readonly AnswerName[] = ['retry', 'skip', 'giveUp', 'note', 'pause', 'abort'];

/** What the run makes of a step that failed: by `onFailure`, or as the operator says. */
export async function decideFailure(job: Job, failure: Failure): Promise<Settled | 'retry'> {
  const error = failure;
  const outcome = TIMEOUTS.has(failure.code) ? 'timedOut' : 'failed';
  switch (await policyOf(job, failure)) {
    case 'continue':
    case 'branch':
    case 'next':
      return { outcome, conclusion: 'tolerated', error };
    case 'skip':
      return { outcome: 'skipped', conclusion: 'tolerated', error };
    case 'abort':
      return { outcome, conclusion: 'failed', error };
    case 'ask':
      return askOperator(job, failure, outcome);
  }
}

/** After these the question is asked again. */
const PASSING: ReadonlySet<string> = new Set(['undo', 'escalate']);

async function policyOf(job: Job, { code }: Failure): Promise<OnFailure['do']> {
  const { step, run } = job;
  // Whoever stops waiting wants to say what now.
  if (code === CODES.stoppedWaiting) return 'ask';
  if (step.onFailure !== undefined) return step.onFailure.do;
  if (job.frame.item?.tolerant === true) return 'abort';
  try {
    return (await run.kind(step.uses)).failureIsNoted === true ? 'continue' : 'ask';
  } catch (error) {
    if (isControl(run, error)) throw error;
    return 'ask';
  }
}

async function askOperator(job: Job, failure: Failure, outcome: string): Promise<Settled | 'retry'> {
  let error = failure;
  for (;;) {
    const recorded = recordOf(job)?.decision;
    const known =
      recorded?.question === 'failure' && !PASSING.has(recorded.answer) ? decided(recorded) : undefined;
    const decision = known ?? (await askAgain(job, error));
    if (decision === undefined) throw new Error('a question about a failure cannot be closed');
    const { by, reason, values } = decision;
    const why = { by, ...(reason !== undefined && { reason }) };
    switch (decision.answer) {
      case 'retryWith':
        job.override = values ?? {};
        return 'retry';
      case 'retry':
        return 'retry';
      case 'accept':
        return { outcome: 'accepted', conclusion: 'tolerated', error, ...why };
      case 'skip':
        return { outcome: 'skipped', conclusion: 'tolerated', error, ...why };
      case 'giveUp':
        return { outcome, conclusion: 'tolerated', error, givesUp: true, ...why };
      case 'escalate': {
        const level = nextLevel(job.run);
        if (level !== undefined) await job.run.log.append({ type: 'escalated', key: job.key, ...level, by });
        continue;
      }
      case 'undo':
        await undoStep(job);
        continue;
      case 'byHand':
        try {
          return settleByHand(job, decision);
        } catch (thrown) {
          if (isControl(job.run, thrown)) throw thrown;
          error = toFailure(thrown, error.changed);
          await job.run.log.append({ type: 'step.attemptFailed', key: job.key, attempt: 0, error });
          continue;
        }
      default:
        return { outcome, conclusion: 'failed', error, ...why };
    }
  }
}

/** Until no answer is corrected any more: each time the question is made of what is known by then. */
async function askAgain(job: Job, failure: Failure): Promise<Decision | undefined> {
  for (;;) {
    try {
      return await askOrCorrect(job.run, question(job, failure));
    } catch (error) {
      if (!(error instanceof Corrected)) throw error;
      // It was meant for the old answer.
      delete job.override;
    }
  }
}

function question(job: Job, failure: Failure): FailureQuestion {
  const { step, key, frame } = job;
  const { code, message, hint, changed } = failure;
  const record = recordOf(job);
  const choices = code === CODES.interlock ? REFUSED : CHOICES;
  const owes = job.run.log.state.debts.get(key)?.how === undefined;
  const escalation = TIMEOUTS.has(code) ? nextLevel(job.run) : undefined;
  const undoable = step.undo !== undefined && changed !== 'nothing' && owes;
  return {
    type: 'failure',
    key,
    id: step.id,
    title: step.title,
    choices: allowed(step, choices).filter(
      (choice) =>
        (choice !== 'undo' || undoable) &&
        (choice !== 'escalate' || escalation !== undefined) &&
        (choice !== 'giveUp' || frame.item !== undefined),
    ),
    ...(step.why !== undefined && { why: step.why }),
    ...outputsAsked(job),
    describe: record?.started?.describe ?? step.title,
    error: { code, message, changed, ...(hint !== undefined && { hint }) },
    attempt: record?.failure?.attempt ?? 1,
    ...(escalation !== undefined && { escalation }),
    ...(step.secretOutput.length !== 0 && { secretOutput: step.secretOutput }),
    args: argsForEditing(job),
  };
}

/** The `with` as far as it can be evaluated, for «retry with other values». */
function argsForEditing(job: Job): FailureQuestion['args'] {
  try {
    return job.override ?? asMap(job.run.options.evaluator.render(job.step.with, namesOf(job)));
  } catch {
    return {};
  }
}
