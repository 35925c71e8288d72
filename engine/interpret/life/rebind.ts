import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';

/** The environment's data with another target at this path (`databases.main`). */
export function rebound(data: ValueMap, path: string, target: Value): ValueMap {
  const [head = '', ...rest] = path.split('.');
  const member = data[head];
  const inside = isValueMap(member) ? member : {};
  return { ...data, [head]: rest.length === 0 ? target : rebound(inside, rest.join('.'), target) };
}

/** What stands at this path; null where nothing does. */
export function memberAt(data: ValueMap, path: string): Value {
  let at: Value = data;
  for (const name of path.split('.')) at = isValueMap(at) ? (at[name] ?? null) : null;
  return at;
}
