import { decodeValue, isValueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { Event } from '../../model/event.ts';
import type { Operator, Question } from '../../model/ports.ts';

/** An operator in whose place the injects of a rehearsal answer what they have settled, whoever is there. */
export const withInjects = (operator: Operator, events: readonly Event[]): Operator => ({
  ...operator,
  ask: async (question, signal) => {
    const settled = settledBy(events);
    if (!namesOf(question).some((name) => Object.hasOwn(settled, name)))
      return operator.ask(question, signal);
    const { createUnattendedOperator } = await import('../../present/unattended.ts');
    const answer = await createUnattendedOperator(settled, operator.name).ask(question, signal);
    // The journal has it under the operator's name.
    return { ...answer, reason: answer.reason ?? 'an inject of the rehearsal' };
  },
});

/** What has been settled so far; the last word counts. */
function settledBy(events: readonly Event[]): ValueMap {
  const said = events.flatMap((event) =>
    event.type === 'inject.struck' && event.answers !== undefined ? [decodeValue(event.answers)] : [],
  );
  return Object.assign({}, ...said.filter(isValueMap)) as ValueMap;
}

function namesOf(question: Question): readonly string[] {
  const { id, key, type } = question;
  if (type === 'failure' || type === 'doubt') return [`onFailure/${id}`];
  return type === 'input' ? [question.input.name, id, key] : [id, key];
}
