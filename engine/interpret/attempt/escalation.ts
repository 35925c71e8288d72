import type { Value } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { RunContext } from '../life/context.ts';
import { personText } from './roles.ts';
import { shownText } from '../life/text.ts';

/** A level of the environment's escalation, and who that is in words. */
export interface Level {
  readonly level: number;
  readonly who: string;
}

/** The level that would be called next; undefined when the environment has no further one. */
export function nextLevel(run: RunContext): Level | undefined {
  const { escalation, contacts } = run.environment.data;
  const levels = isValueList(escalation) ? escalation.map((entry, at) => levelOf(entry, at, contacts)) : [];
  const called = run.log.state.escalation;
  return levels.toSorted((a, b) => a.level - b.level).find(({ level }) => level > called);
}

/** Names of contacts are followed by how to reach them. */
function levelOf(entry: Value, at: number, contacts: Value | undefined): Level {
  const { level, ...rest } = isValueMap(entry) ? entry : { who: entry };
  const reached = (name: Value): string => {
    if (isValueList(name)) return name.map(reached).join(', ');
    const known = isValueMap(contacts) && typeof name === 'string' ? contacts[name] : undefined;
    return known === undefined ? personText(name) : `${shownText(name)} (${personText(known)})`;
  };
  return {
    level: typeof level === 'number' ? level : at + 1,
    who: Object.values(rest).map(reached).join(', '),
  };
}
