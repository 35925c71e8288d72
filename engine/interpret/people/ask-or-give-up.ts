import type { AnswerName, FailureQuestion } from '../../model/ports.ts';
import type { Decision } from './ask.ts';
import { Aborting, GivenUp } from '../life/control.ts';
import type { Frame } from '../life/frame.ts';

/** What may be said of a failure between steps; inside of a loop also that its item is given up. */
export const orGiveUp = ({ item }: Frame, choices: readonly AnswerName[]): readonly AnswerName[] =>
  item === undefined
    ? choices
    : choices.flatMap((choice) => (choice === 'note' ? ['giveUp', choice] : [choice]));

/** How the walk ends with an answer to such a question that does not let it go on: with the item, or with the run. */
export function endBy({ error }: FailureQuestion, { answer, reason, by }: Decision): GivenUp | Aborting {
  const failure = { code: error.code, message: error.message, changed: 'nothing', retryable: false } as const;
  return answer === 'giveUp'
    ? new GivenUp(failure, by)
    : new Aborting(reason ?? error.message, by, { failure });
}
