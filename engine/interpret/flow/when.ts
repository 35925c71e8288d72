import type { Expression } from '../../model/template.ts';
import type { FailureQuestion } from '../../model/ports.ts';
import { EvaluationError } from '../../model/ports.ts';
import { decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { CODES } from '../../model/codes.ts';
import { askOrCorrect } from '../people/correct.ts';
import { orAgain } from './evaluate-or-ask.ts';
import type { Frame } from '../life/frame.ts';
import { endBy, orGiveUp } from '../people/ask-or-give-up.ts';
import { names } from '../life/names.ts';

/**
 * Whether a phase, a call or a choice is to be entered. Where its `when` cannot be evaluated,
 * because what it looks at was skipped, the operator says whether it is.
 */
export async function isWanted(
  run: RunContext,
  frame: Frame,
  node: { readonly id: string; readonly title: string; readonly when?: Expression },
  key: string,
): Promise<boolean> {
  const { when, id, title } = node;
  if (when === undefined) return true;
  const { evaluator, clock } = run.options;
  try {
    return evaluator.test(when, names(run, frame, clock.now()));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    const question: FailureQuestion = {
      type: 'failure',
      key,
      id,
      title,
      choices: orGiveUp(frame, ['accept', 'skip', 'note', 'pause', 'abort']),
      describe: `Do it as if this held: ${when.source}`,
      error: { code: CODES.evaluation, message: error.message, changed: 'nothing' },
      attempt: 1,
      args: {},
    };
    const recorded = run.log.state.steps.get(key)?.decision;
    const decision =
      recorded?.question === 'failure' ? decided(recorded) : await askOrCorrect(run, question).catch(orAgain);
    if (decision === undefined) throw new Error('a question about a failure cannot be closed');
    if (decision === 'again') return isWanted(run, frame, node, key);
    if (decision.answer === 'accept') return true;
    if (decision.answer === 'skip') return false;
    throw endBy(question, decision);
  }
}
