import type { ValueMap } from '../../base/value.ts';
import { readGivenAnswers } from '../../interpret/preflight/given-answers.ts';
import type { GivenAnswers } from '../../interpret/preflight/given-answers.ts';
import type { Playbook } from '../../model/playbook.ts';
import type { Session } from './session.ts';

/** Takes answers that were given beforehand: the secrets among them are known to the redactor from here on. */
export function takeAnswers(session: Session, playbook: Playbook, answers: ValueMap): GivenAnswers {
  const given = readGivenAnswers(playbook, answers);
  for (const secret of given.secrets) session.redactor.add(secret);
  return given;
}
