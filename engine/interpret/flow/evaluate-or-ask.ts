import type { FailureQuestion } from '../../model/ports.ts';
import { EvaluationError } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import { decided } from '../people/ask.ts';
import type { RunContext } from '../life/context.ts';
import { CODES } from '../../model/codes.ts';
import { Corrected } from '../life/control.ts';
import { askOrCorrect } from '../people/correct.ts';
import type { Frame } from '../life/frame.ts';
import { endBy, orGiveUp } from '../people/ask-or-give-up.ts';

/**
 * Evaluates something between steps. Where that fails on the values of this run the operator is
 * asked: to try again, to go without it (undefined), or to abort.
 */
export async function evaluateOrAsk<T>(
  run: RunContext,
  frame: Frame,
  of: { readonly key: string; readonly id: string; readonly title: string },
  describe: string,
  evaluate: () => T | Promise<T>,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await evaluate();
    } catch (error) {
      if (!(error instanceof EvaluationError) && !(error instanceof StepError)) throw error;
      const question: FailureQuestion = {
        type: 'failure',
        ...of,
        choices: orGiveUp(frame, ['retry', 'skip', 'note', 'pause', 'abort']),
        describe,
        error: { code: CODES.evaluation, message: error.message, changed: 'nothing' },
        attempt: 1,
        args: {},
      };
      const recorded = run.log.state.steps.get(of.key)?.decision;
      const known = recorded?.question === 'failure' && recorded.answer !== 'retry';
      const decision = known ? decided(recorded) : await askOrCorrect(run, question).catch(orAgain);
      if (decision === undefined) throw new Error('a question about a failure cannot be closed');
      if (decision === 'again') continue;
      if (decision.answer === 'skip') return undefined;
      if (decision.answer !== 'retry') throw endBy(question, decision);
    }
  }
}

/** After an answer was corrected, what could not be evaluated is evaluated again. */
export function orAgain(error: unknown): 'again' {
  if (error instanceof Corrected) return 'again';
  throw error;
}
