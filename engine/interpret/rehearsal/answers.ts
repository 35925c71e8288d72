import type { ValueMap } from '../../base/value.ts';
import { valueMap } from '../../base/value.ts';
import type { Rehearsal } from '../../model/playbook.ts';
import { EvaluationError } from '../../model/ports.ts';
import type { Evaluator, Scope } from '../../model/ports.ts';

/** The answers of a rehearsal that can be told from these names; the others have to wait. */
export function answersBeforehand(
  evaluator: Evaluator,
  answers: Rehearsal['answers'],
  scope: Scope,
): ValueMap {
  return valueMap(
    answers.flatMap(({ key, value }) => {
      try {
        return [[key, evaluator.render(value, scope)] as const];
      } catch (error) {
        if (error instanceof EvaluationError) return [];
        throw error;
      }
    }),
  );
}
