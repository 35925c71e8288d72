import type { Value } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import { holdersOf } from '../../model/people.ts';
import { shownText } from '../life/text.ts';

/** A role, and who has it in this environment: `dba (Ada, +44 …)`; a role that the environment does not know stays as it is. */
export function roleIn(environment: Environment, role: string): string {
  const { roles } = environment.data;
  const listed = isValueMap(roles) && Object.hasOwn(roles, role) ? roles[role] : undefined;
  const who = holdersOf(environment.data, role) ?? listed;
  return who === undefined ? role : `${role} (${personText(who)})`;
}

/** A person or several, as an environment names them: a text, or whatever tells how to reach them. */
export function personText(who: Value): string {
  if (isValueList(who)) return who.map(personText).join(', ');
  return isValueMap(who) ? Object.values(who).map(personText).join(', ') : shownText(who);
}
