import type { ValueMap } from '../../base/value.ts';
import type { Operator } from '../../model/ports.ts';

/**
 * A person answers, and is offered what is known: in a drill the fault tells when it struck,
 * so that Enter takes that moment. Gates are never answered for a person.
 */
export function guided(operator: Operator, answers: ValueMap): Operator {
  return {
    ...operator,
    ask: (question, signal) => {
      if (question.type !== 'input') return operator.ask(question, signal);
      const known = answers[question.input.name];
      return operator.ask(known === undefined ? question : { ...question, default: known }, signal);
    },
  };
}
